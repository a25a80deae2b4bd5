#!/bin/sh
# Put the application of this folder into the desktop's menu, for this user; --remove takes it out.

set -eu
unset CDPATH

usage='Usage: add-to-menu.sh [--remove | --help]

Puts the tlmri of this folder into the menu of the desktop, with its icon and file types, for this
user; --remove takes it out again.'

refuse() {
    echo "add-to-menu.sh: error: $1" >&2
    exit 2
}

here=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/tlmri.desktop
types=$data/mime/packages/tlmri.xml

# Desktops look for what is new by themselves, sooner or later; this makes it sooner.
refresh() {
    if command -v update-desktop-database; then update-desktop-database "$data/applications"; fi
    if command -v update-mime-database; then update-mime-database "$data/mime"; fi
    if command -v gtk-update-icon-cache; then
        gtk-update-icon-cache -f -t "$data/icons/hicolor"
    fi
}

# The program's path as the command line of a desktop entry has it: quoted, then escaped again.
quoted() {
    printf '%s\n' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/.*/"&"/' -e 's/\\/\\\\/g'
}

# As the right side of a substitution.
literal() {
    printf '%s\n' "$1" | sed -e 's/[\\&|]/\\&/g'
}

add() {
    # An entry must double it, and GLib then looks for a program whose path has two.
    case $here in
        *%*) refuse "the path of tlmri's folder must be without '%' for the menu, got $here" ;;
    esac
    mkdir -p "$data/applications" "$data/mime/packages" "$data/icons"
    tried=$(printf '%s\n' "$here/tlmri" | sed 's/\\/\\\\/g')
    sed -e "/^TryExec=/s|@PROGRAM@|$(literal "$tried")|" \
        -e "s|@PROGRAM@|$(literal "$(quoted "$here/tlmri")")|" \
        "$here/share/tlmri.desktop.in" >"$entry.new"
    mv "$entry.new" "$entry"
    cp "$here/share/tlmri.xml" "$types"
    cp -R "$here/share/icons/hicolor" "$data/icons/"
}

remove() {
    if [ ! -e "$entry" ] && [ ! -e "$types" ]; then
        echo "tlmri was not in the menu: $entry is not there"
        exit 0
    fi
    rm -f "$entry" "$types"
    icons=$data/icons/hicolor
    find "$icons" -path '*/apps/tlmri.*' -exec rm -f {} + 2>/dev/null || true
    # Of the folders that its pictures came with; others stay, be they empty.
    (cd "$here/share/icons/hicolor" && find . -type d -name apps) | while read -r folder; do
        rmdir "$icons/$folder" "$icons/${folder%/apps}" 2>/dev/null || true
    done
    rmdir "$icons" 2>/dev/null || true
}

[ $# -le 1 ] || refuse "expected one word at most, got $*"
case ${1:-} in
    '')
        add
        done="tlmri is in the menu: $entry"
        ;;
    --remove)
        remove
        done="tlmri is out of the menu"
        ;;
    --help | -h)
        echo "$usage"
        exit
        ;;
    *) refuse "expected nothing, --remove or --help, got $1" ;;
esac
refresh >/dev/null 2>&1 || true
echo "$done"
