#!/bin/sh
# Put the application of this folder into the desktop's menu, for this user; --remove takes it out.

set -eu
unset CDPATH

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
    printf '%s\n' "$1" | sed -e 's/%/%%/g' -e 's/[\\"`$]/\\&/g' -e 's/.*/"&"/' -e 's/\\/\\\\/g'
}

# As the right side of a substitution.
literal() {
    printf '%s\n' "$1" | sed -e 's/[\\&|]/\\&/g'
}

add() {
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
    rm -f "$entry" "$types"
    find "$data/icons/hicolor" -path '*/apps/tlmri.*' -exec rm -f {} + 2>/dev/null || true
}

case ${1:-} in
    '') add && done="tlmri is in the menu: $entry" ;;
    --remove) remove && done="tlmri is out of the menu" ;;
    *)
        echo "add-to-menu.sh: error: expected nothing or --remove, got $1" >&2
        exit 2
        ;;
esac
refresh >/dev/null 2>&1 || true
echo "$done"
