function __fish_jobctl_held
    set -l current (commandline -ct)
    command jobctl complete fish -- (commandline -opc) "$current" 2>/dev/null
end

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_jobctl_global_optspecs
    string join \n db= o/output= q/quiet v/verbose color= no-pager busy-timeout= 0/null ascii excel utc h/help V/version
end

function __fish_jobctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_jobctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_jobctl_using_subcommand
    set -l cmd (__fish_jobctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c jobctl -n "__fish_jobctl_needs_command" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_needs_command" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_needs_command" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_needs_command" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_needs_command" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_needs_command" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_needs_command" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_needs_command" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_needs_command" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_needs_command" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_needs_command" -s V -l version -d 'Print version'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "create" -d 'Create a job and print its id'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "show" -d 'Show jobs in full'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "update" -d 'Change jobs: state, progress, shots, result, any text'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "list" -d 'List jobs, newest first'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "wait" -d 'Wait until jobs have ended'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "delete" -d 'Delete jobs, by id or by filter'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "migrate" -d 'Import jobs from JSON dumps, or from another database'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "cleanup" -d 'Remove ended jobs that have been kept long enough'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "backup" -d 'Copy the whole database into one file, while the service runs'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "restore" -d 'Make a database of a backup: a new one, or in the place of the one in use'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "history" -d 'Show which commands changed jobs, and what they changed'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "undo" -d 'Take back what a command changed'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "redo" -d 'Do again what undo took back'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "redact" -d 'Take personal text out of jobs and of their history, for good'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "export" -d 'Write jobs out as rows, for a backup or for another program'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "stats" -d 'Say how the jobs are doing: counts, success, times, days, errors'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "diff" -d 'Say where the jobs of two databases differ'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "doctor" -d 'Say what is wrong with the database and around it, and what to do about it'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "man" -d 'Print a manual page'
complete -c jobctl -n "__fish_jobctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l json -d 'The job as JSON: TEXT, @FILE, or - for standard input; an array makes several, all or none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l id -d 'Use this id (a UUID) instead of a new one' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l status -d 'The state to begin in' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l type -d 'idea2video, script2video, conversational or another word' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l mode -d 'idea or script; follows from the type when not given' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l content -d 'The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l requirement -d 'What the client asks for besides' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l style -d 'The style of the video' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l title -d 'The project\'s title' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l request -d 'The client\'s request: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l context -d 'The job\'s context: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l progress -d '0 to 100' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l stage -d 'What is being done' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l working-dir -d 'The folder that the pipeline works in' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l result -d 'The result: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l error -d 'The error message' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l total-shots -d 'The number of shots; progress follows the shots' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l completed-shots -d 'The number of completed shots' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l episode -d 'The episode that it belongs to' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l series -d 'The series that it belongs to' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l files-under -d 'Where a relative working folder lies: the folder that the service runs in' -r -f -a "(__fish_complete_directories)"
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l watch -d 'Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l full -d 'Do not cut long texts on a terminal'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l scan -d 'Look at all of the working folder, and give it in JSON too, under "scan"'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l status -d 'Go to this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l complete -d 'Go to completed, perhaps with a result: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l fail -d 'Go to failed, with this error message' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l clear -d 'Empty these columns' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l if-status -d 'Only when the job is in one of these states' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l if-updated-at -d 'Only when it was last updated at exactly this time (as \'show -o json\' gives it)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l max -d 'Refuse when there are more jobs than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l backup -d 'Make a backup before the first change: beside the database, in a folder, or as a file' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l type -d 'idea2video, script2video, conversational or another word' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l mode -d 'idea or script; follows from the type when not given' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l content -d 'The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l requirement -d 'What the client asks for besides' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l style -d 'The style of the video' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l title -d 'The project\'s title' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l request -d 'The client\'s request: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l context -d 'The job\'s context: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l progress -d '0 to 100' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l stage -d 'What is being done' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l working-dir -d 'The folder that the pipeline works in' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l result -d 'The result: JSON, @FILE or -' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l error -d 'The error message' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l total-shots -d 'The number of shots; progress follows the shots' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l completed-shots -d 'The number of completed shots' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l episode -d 'The episode that it belongs to' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l series -d 'The series that it belongs to' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l cancel -d 'Go to cancelled'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l requeue -d 'Go back to queued: progress 0; error, stage, result, start and end time cleared'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l force -d 'Allow a change of state that the rules refuse'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s y -l yes -d 'Do not ask when the ids come from standard input'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l dry-run -d 'Show what would change, and write nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l sort -d 'Order by this column: KEY, or KEY:desc' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s n -l limit -d 'Show at most N jobs' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l offset -d 'Skip the first N jobs' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l after -d 'Continue after a page, from the cursor that was printed with it' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l fields -d 'Show these columns, each named by its flag, JSON key or column name' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l watch -d 'Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s a -l all -d 'Show every job that matches, not at most --limit'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l no-header -d 'Leave the headings of a table, of CSV and of TSV out'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l no-total -d 'Do not count all that match'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l for -d 'The state asked for' -r -f -a "completed\t''
failed\t''
cancelled\t''
any\t'Whichever of them it is'"
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l timeout -d 'Wait no longer than this, such as 2h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l max -d 'Refuse when more jobs match than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l backup -d 'Make a backup before the first change: beside the database, in a folder, or as a file' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l force -d 'Delete jobs that are processing too'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l ignore-missing -d 'Ids that are not there are no error'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s y -l yes -d 'Do not ask'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l dry-run -d 'Show what would go and why, and write nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l on-conflict -d 'What to do with a job that was there before the run; of one run the newest record counts' -r -f -a "skip\t'Keep the job that is there'
newer\t'Overwrite it when the record\'s `updated_at` is later'
replace\t'Overwrite it'
fail\t'Stop with exit status 4'"
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l rejects -d 'Write the records that cannot be imported to this file, as JSON Lines' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l timezone -d 'The zone of api_server\'s local times: a name such as Asia/Shanghai, an offset, or local' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l map-status -d 'Read an unknown status as a known one, such as done=completed; commas separate several' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l max-record -d 'The longest record that is taken; a longer one is rejected by itself' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l backup -d 'Make a backup before the first change: beside the database, in a folder, or as a file' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l atomic -d 'All or nothing: one transaction, undone when a dump is cut off or anything else goes wrong'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l exclusive -d 'Keep the database locked from beginning to end: faster, but the service has to wait'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l partial -d 'Take a page of a listing that says there are more, without exit status 65'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l fit -d 'Make rows of jobctl\'s own fit a PostgreSQL table too, instead of rejecting those that it would refuse or alter'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l verify -d 'Of a database: compare both sides after the import, and end with status 1 where they differ'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l mirror -d 'Of a database: delete the jobs that the source lacks, after asking'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s y -l yes -d 'Do not ask before --mirror deletes jobs'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l dry-run -d 'Read and check everything, and write nothing but the file of --rejects'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l keep -d 'The age after which jobs of a state and type go; the most specific rule wins' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l keep-last -d 'Keep the newest N of each state and type, whatever their age' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l archive -d 'Append the jobs to this file before they go, compressed where it ends in .zst or .gz' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l files-under -d 'Remove the working folders of the jobs too; DIR is the folder that the service runs in' -r -f -a "(__fish_complete_directories)"
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l lock-wait -d 'How long to wait for another cleanup, or another run that writes the archive, to end' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l max -d 'Refuse when more jobs would go than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l backup -d 'Make a backup before the first change: beside the database, in a folder, or as a file' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l reclaim -d 'Give the space that jobs left in the file back to the system, in small steps'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l vacuum -d 'Where space cannot go back in steps, rewrite the whole file; keeps everybody out meanwhile'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l exclusive -d 'Keep the file locked from beginning to end: faster, but the service cannot write meanwhile'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s y -l yes -d 'Do not ask'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l dry-run -d 'Show what would go and why, and write nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l explain -d 'Show what would go, what would stay, and why, and write nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand cleanup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l pack -d 'In a folder: how to pack the file' -r -f -a "zst\t'zstd: fast and small'
gz\t'gzip: read everywhere'"
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l keep -d 'In a folder: remove all but the newest N backups of this database, this one among them' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l check -d 'How to check the copy: full, quick (without the look whether each index has what the rows have) or none' -r -f -a "full\t''
quick\t''
none\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l replace -d 'Replace the file if it is there'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l exclusive -d 'Keep others from writing until the copy is made; for a file that is written all the time'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l to -d 'The database to make; without it, the one that --db names' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l replace -d 'Replace the database if it is there, and keep its content in a file beside it'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s y -l yes -d 'Do not ask before a database is replaced'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l since -d 'Only runs since this time: a time, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l limit -d 'The most runs, or changes of a job, that are shown' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l older-than -d 'With prune: the age of the runs that go' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l from-archive -d 'Restore what cleanup removed from its archive, once that is seen to be as the run left it'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l skip-conflicts -d 'Leave the jobs that have changed since, and restore the others'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l dry-run -d 'Say what would be done, and change nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l exclusive -d 'Keep others from writing for as long as a run of many changes takes'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l skip-conflicts -d 'Leave the jobs that have changed since, and restore the others'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l dry-run -d 'Say what would be done, and change nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l exclusive -d 'Keep others from writing for as long as a run of many changes takes'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l fields -d 'What is taken out, of: content, requirement, request, error, title, result, context [default: all]' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l max -d 'Refuse when more jobs match than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l backup -d 'Make a backup before the first change: beside the database, in a folder, or as a file' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l vacuum -d 'Write the whole file (on PostgreSQL the tables) anew, however large it is; keeps everybody out meanwhile'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s y -l yes -d 'Do not ask'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l dry-run -d 'Show which jobs would be redacted, and write nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l to -d 'Write to this file, packed when its name ends in .zst or .gz; - is stdout' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l by -d 'Group by this as well: status, type, mode, style or day' -r -f -a "status\t''
type\t''
mode\t''
style\t''
day\t'The day of creation'"
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l top -d 'Show at most N error messages' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l stuck-after -d 'Count a processing job as stuck after this without an update [default: that of --stuck, or 2h]' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l to -d 'Write to this file, which appears whole or stays as it was; - is stdout' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or prometheus; csv and tsv have a line for each group [default: table]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
prometheus\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l status -d 'In this state: queued, processing, completed, failed, cancelled; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l not-status -d 'Not in this state' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l type -d 'Of this type: idea2video, script2video, conversational or another' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l mode -d 'Of this mode: idea, script; null for none' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l style -d 'Of this style' -r -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l series -d 'Of this series; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l episode -d 'Of this episode; null for none' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l since -d 'Created at or after: a time, today, yesterday, or an age such as 36h' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l until -d 'Created before: a time, today, yesterday, or an age such as 7d' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l older-than -d 'Ended (or else last updated, or else created) longer ago than this' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l search -d 'With this text in title, content or error, in upper or lower case' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l stuck -d 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l limit -d 'Show this many differences at most; all are counted' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l stale -d 'Tell of jobs that have been queued, or processing without an update, for so long' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l for -d 'Rehearse a move: tell each job that this server would refuse or alter, by kind, and nothing else' -r -f -a "postgres\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l history-keep -d 'With --fix: keep runs in the history of this database for so long, for everybody; older ones go [default: 7d]' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l history -d 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]' -r -f -a "auto\t''
off\t''
required\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l strict -d 'End with status 1 for warnings too'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l full -d 'Read every page of the file for damage; where it has no log (WAL), the service cannot write meanwhile'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l fix -d 'Put right what is safe, of all checks or of those that are named'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l dry-run -d 'With --fix: show what would be done, and change nothing'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s y -l yes -d 'With --fix: do not ask'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l exclusive -d 'With --fix: allow what keeps others from writing for seconds, as an index on many jobs does'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l no-history -d 'The same as --history off'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l db -d 'The database: a path, or sqlite:///relative or sqlite:////absolute' -r -F
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -s o -l output -d 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]' -r -f -a "table\t''
wide\t''
json\t''
jsonl\t''
csv\t''
tsv\t''
ids\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l busy-timeout -d 'How long to wait for a locked database' -r
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -s v -l verbose -d 'Say which file is used and how long it took'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l no-pager -d 'Show long output as it is, not in a pager'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -s 0 -l null -d 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l ascii -d 'Draw tables, bars and marks in ASCII; stored text stays as it is'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l excel -d 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -l utc -d 'Read and show times in UTC instead of local time'
complete -c jobctl -n "__fish_jobctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "create" -d 'Create a job and print its id'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "show" -d 'Show jobs in full'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "update" -d 'Change jobs: state, progress, shots, result, any text'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "list" -d 'List jobs, newest first'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "wait" -d 'Wait until jobs have ended'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "delete" -d 'Delete jobs, by id or by filter'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "migrate" -d 'Import jobs from JSON dumps, or from another database'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "cleanup" -d 'Remove ended jobs that have been kept long enough'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "backup" -d 'Copy the whole database into one file, while the service runs'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "restore" -d 'Make a database of a backup: a new one, or in the place of the one in use'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "history" -d 'Show which commands changed jobs, and what they changed'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "undo" -d 'Take back what a command changed'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "redo" -d 'Do again what undo took back'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "redact" -d 'Take personal text out of jobs and of their history, for good'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "export" -d 'Write jobs out as rows, for a backup or for another program'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "stats" -d 'Say how the jobs are doing: counts, success, times, days, errors'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "diff" -d 'Say where the jobs of two databases differ'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "doctor" -d 'Say what is wrong with the database and around it, and what to do about it'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "man" -d 'Print a manual page'
complete -c jobctl -n "__fish_jobctl_using_subcommand help; and not __fish_seen_subcommand_from create show update list wait delete migrate cleanup backup restore history undo redo redact export stats diff doctor completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c jobctl -n "__fish_jobctl_using_subcommand show" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand update" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand wait" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand delete" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand history" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand undo" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redo" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand redact" -k -f -a '(__fish_jobctl_held)'
complete -c jobctl -n "__fish_jobctl_using_subcommand doctor" -k -f -a '(__fish_jobctl_held)'
