# shellcheck shell=bash
# Builds the program out of tree. Sourced by quickstart and runtests, so that both build it alike.

# configure is not committed. The lock keeps two scripts from generating it at the same time.
# refresh_configure SOURCE
refresh_configure() {
    (
        flock 8
        cd -- "$1" || exit
        if [[ ! -e configure || configure.ac -nt configure ]]; then
            autoreconf -fi
        fi
    ) 8<"$1/configure.ac"
}

# Succeeds if autotools can build from SOURCE; otherwise fails, and prints the reason.
# explain_bad_source SOURCE
explain_bad_source() {
    if [[ ! -e $1/configure.ac ]]; then
        echo "there is no configure.ac in $1"
    elif [[ $1 =~ [[:space:]\"\#\$\&\'\`\\] ]]; then
        echo "autoconf cannot build in a directory with a space, a quote or one of # \$ & \\" \
            "in its name: $1"
    elif [[ -e $1/config.status ]]; then
        echo "the source directory itself is configured; run 'make distclean' in $1 first"
    elif [[ ! -e $1/configure && ! -w $1 ]]; then
        echo "$1 is not writable, and configure has to be generated there"
    else
        return 0
    fi
    return 1
}

# Configures DIR again if configure, its arguments or the location of SOURCE have changed.
# configure_in SOURCE DIR [CONFIGURE_ARGUMENT...]
configure_in() {
    local source=$1 dir=$2 wanted
    shift 2
    refresh_configure "$source" && mkdir -p -- "$dir" || return
    wanted="$source $dir $*"
    if [[ $dir/config.status -nt $source/configure &&
        $(cat -- "$dir/.configured" 2>/dev/null) == "$wanted" ]]; then
        return 0
    fi
    (cd -- "$dir" && "$source/configure" --quiet "$@" && printf '%s\n' "$wanted" >.configured)
}

# make_in DIR [MAKE_ARGUMENT...]
make_in() {
    local dir=$1
    shift
    make -C "$dir" --no-print-directory -j"$(nproc)" "$@"
}
