#!/bin/sh
# Start the program beside this script, or say in one line why this system cannot run it: the
# dynamic loader's own words about a C library that is too old help nobody.

set -u
unset CDPATH

refuse() {
    message="tlmri: error: $1"
    printf '%s\n' "$message" >&2
    if [ ! -t 2 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        show "$message" </dev/null >/dev/null 2>&1 &
    fi
    exit 1
}

# Someone who clicked on an icon sees no terminal.
show() {
    if command -v zenity; then
        zenity --error --no-markup --title=tlmri --text="$1"
    elif command -v kdialog; then
        kdialog --title tlmri --error "$1"
    elif command -v xmessage; then
        xmessage -center "$1"
    elif command -v notify-send; then
        notify-send tlmri "$1"
    fi
}

own_folder() {
    program=$1
    case $program in
        */*) ;;
        *) if [ -f "$program" ]; then program=./$program; else program=$(command -v "$program"); fi ;;
    esac
    while [ -L "$program" ]; do
        target=$(readlink "$program")
        case $target in
            /*) program=$target ;;
            *) program=${program%/*}/$target ;;
        esac
    done
    cd -P -- "${program%/*}/" && pwd -P
}

# Version of the GNU C library; "musl" for that one, nothing where nobody says.
c_library() {
    version=$(getconf GNU_LIBC_VERSION 2>/dev/null) && [ -n "$version" ] && {
        printf '%s\n' "${version#glibc }"
        return
    }
    case $(ldd --version 2>&1) in
        *musl*) echo musl ;;
        *) ldd --version 2>/dev/null | sed -n '1s/^.* \([0-9][0-9.]*\)$/\1/p' ;;
    esac
}

# Whether version $1 comes before $2, by major and minor number; not if either is none.
is_before() {
    case $1/$2 in
        *[!0-9./]* | *..* | .* | */.* | *./* | *.) return 1 ;;
        *.*/*.*) ;;
        *) return 1 ;;
    esac
    minor_1=${1#*.} minor_2=${2#*.}
    [ "${1%%.*}" -lt "${2%%.*}" ] && return
    [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${minor_1%%.*}" -lt "${minor_2%%.*}" ]
}

here=$(own_folder "$0") || refuse "cannot find the folder that $0 lies in"

machine=$(uname -m)
[ "$machine" = x86_64 ] || refuse "this tlmri is for processors of type x86_64, got $machine"

needed=$(cat "$here/_internal/NEEDS-GLIBC" 2>/dev/null)
found=$(c_library)
needs="needs the GNU C library (glibc) $needed or newer"
[ "$found" != musl ] || refuse "this system's C library is musl, tlmri $needs"
if is_before "$found" "$needed"; then
    refuse "this system is too old: tlmri $needs, got $found"
fi

if [ ! -x "$here/tlmri-bin" ]; then
    refuse "$here is incomplete: tlmri-bin is missing or may not be run; install tlmri again"
fi
exec "$here/tlmri-bin" "$@"
