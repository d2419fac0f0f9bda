    local told row
    local -a values rows shown
    if told=$(command jobctl complete zsh -- "${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null); then
        for row in "${(@f)told}"; do
            [[ -n $row ]] || continue
            values+=("${row%%$'\t'*}")
            rows+=("${row#*$'\t'}")
        done
        (( $#values )) || return 1
        [[ $told == *$'\t'* ]] && shown=(-l -d rows)
        [[ $PREFIX == --*=* ]] && compset -P '*='
        compset -P '*,'
        compadd -V jobctl "${shown[@]}" -a values
        return
    fi
