    local described="" told=""
    local given=("${COMP_WORDS[@]:0:COMP_CWORD}")
    if [[ -z "${cur}" && "${COMP_WORDS[COMP_CWORD]}" == [=:@]* ]] ; then
        given+=("${COMP_WORDS[COMP_CWORD]}")
    fi
    # Only where what is found is shown and not inserted.
    case "${COMP_TYPE:-}" in
        33|63|64)
            described="--described=${COLUMNS:-80}"
            ;;
    esac
    if told=$(command jobctl complete bash ${described:+"${described}"} -- "${given[@]}" "${cur}" 2>/dev/null) ; then
        while IFS= read -r i ; do
            if [[ -n "${i}" ]] ; then
                COMPREPLY+=("${i}")
            fi
        done <<< "${told}"
        if [[ "${BASH_VERSINFO[0]}" -ge 4 ]] ; then
            compopt +o default +o bashdefault 2>/dev/null
        fi
        return 0
    fi
