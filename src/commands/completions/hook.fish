function __fish_jobctl_held
    set -l current (commandline -ct)
    command jobctl complete fish -- (commandline -opc) "$current" 2>/dev/null
end

