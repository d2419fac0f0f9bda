
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'jobctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'jobctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'jobctl' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a job and print its id')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show jobs in full')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change jobs: state, progress, shots, result, any text')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List jobs, newest first')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until jobs have ended')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete jobs, by id or by filter')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Import jobs from JSON dumps')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'Remove ended jobs that have been kept long enough')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the whole database into one file, while the service runs')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a database of a backup: a new one, or in the place of the one in use')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show which commands changed jobs, and what they changed')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back what a command changed')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Do again what undo took back')
            [CompletionResult]::new('redact', 'redact', [CompletionResultType]::ParameterValue, 'Take personal text out of jobs and of their history, for good')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write jobs out as rows, for a backup or for another program')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Say how the jobs are doing: counts, success, times, days, errors')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say what is wrong with the database and around it, and what to do about it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'jobctl;create' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The job as JSON: TEXT, @FILE, or - for standard input; an array makes several, all or none')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Use this id (a UUID) instead of a new one')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'The state to begin in')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'idea2video, script2video, conversational or another word')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'idea or script; follows from the type when not given')
            [CompletionResult]::new('--content', '--content', [CompletionResultType]::ParameterName, 'The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -')
            [CompletionResult]::new('--requirement', '--requirement', [CompletionResultType]::ParameterName, 'What the client asks for besides')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'The style of the video')
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'The project''s title')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'The client''s request: JSON, @FILE or -')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The job''s context: JSON, @FILE or -')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, '0 to 100')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'What is being done')
            [CompletionResult]::new('--working-dir', '--working-dir', [CompletionResultType]::ParameterName, 'The folder that the pipeline works in')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'The result: JSON, @FILE or -')
            [CompletionResult]::new('--error', '--error', [CompletionResultType]::ParameterName, 'The error message')
            [CompletionResult]::new('--total-shots', '--total-shots', [CompletionResultType]::ParameterName, 'The number of shots; progress follows the shots')
            [CompletionResult]::new('--completed-shots', '--completed-shots', [CompletionResultType]::ParameterName, 'The number of completed shots')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'The episode that it belongs to')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'The series that it belongs to')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;show' {
            [CompletionResult]::new('--files-under', '--files-under', [CompletionResultType]::ParameterName, 'Where a relative working folder lies: the folder that the service runs in')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Do not cut long texts on a terminal')
            [CompletionResult]::new('--scan', '--scan', [CompletionResultType]::ParameterName, 'Look at all of the working folder, and give it in JSON too, under "scan"')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;update' {
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Go to this state')
            [CompletionResult]::new('--complete', '--complete', [CompletionResultType]::ParameterName, 'Go to completed, perhaps with a result: JSON, @FILE or -')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'Go to failed, with this error message')
            [CompletionResult]::new('--clear', '--clear', [CompletionResultType]::ParameterName, 'Empty these columns')
            [CompletionResult]::new('--if-status', '--if-status', [CompletionResultType]::ParameterName, 'Only when the job is in one of these states')
            [CompletionResult]::new('--if-updated-at', '--if-updated-at', [CompletionResultType]::ParameterName, 'Only when it was last updated at exactly this time (as ''show -o json'' gives it)')
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Refuse when there are more jobs than this')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'idea2video, script2video, conversational or another word')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'idea or script; follows from the type when not given')
            [CompletionResult]::new('--content', '--content', [CompletionResultType]::ParameterName, 'The idea (at least 10 characters) or script (at least 50): TEXT, @FILE or -')
            [CompletionResult]::new('--requirement', '--requirement', [CompletionResultType]::ParameterName, 'What the client asks for besides')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'The style of the video')
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'The project''s title')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'The client''s request: JSON, @FILE or -')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The job''s context: JSON, @FILE or -')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, '0 to 100')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'What is being done')
            [CompletionResult]::new('--working-dir', '--working-dir', [CompletionResultType]::ParameterName, 'The folder that the pipeline works in')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'The result: JSON, @FILE or -')
            [CompletionResult]::new('--error', '--error', [CompletionResultType]::ParameterName, 'The error message')
            [CompletionResult]::new('--total-shots', '--total-shots', [CompletionResultType]::ParameterName, 'The number of shots; progress follows the shots')
            [CompletionResult]::new('--completed-shots', '--completed-shots', [CompletionResultType]::ParameterName, 'The number of completed shots')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'The episode that it belongs to')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'The series that it belongs to')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--cancel', '--cancel', [CompletionResultType]::ParameterName, 'Go to cancelled')
            [CompletionResult]::new('--requeue', '--requeue', [CompletionResultType]::ParameterName, 'Go back to queued: progress 0; error, stage, result, start and end time cleared')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Allow a change of state that the rules refuse')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask when the ids come from standard input')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask when the ids come from standard input')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and write nothing')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;list' {
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order by this column: KEY, or KEY:desc')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show at most N jobs')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most N jobs')
            [CompletionResult]::new('--offset', '--offset', [CompletionResultType]::ParameterName, 'Skip the first N jobs')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Continue after a page, from the cursor that was printed with it')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Show these columns, each named by its flag, JSON key or column name')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Read again at this interval and show what changes, until q or Ctrl-C [default: 2s]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Show every job that matches, not at most --limit')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show every job that matches, not at most --limit')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Leave the headings of a table, of CSV and of TSV out')
            [CompletionResult]::new('--no-total', '--no-total', [CompletionResultType]::ParameterName, 'Do not count all that match')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;wait' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'The state asked for')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait no longer than this, such as 2h')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;delete' {
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Refuse when more jobs match than this')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete jobs that are processing too')
            [CompletionResult]::new('--ignore-missing', '--ignore-missing', [CompletionResultType]::ParameterName, 'Ids that are not there are no error')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would go and why, and write nothing')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;migrate' {
            [CompletionResult]::new('--on-conflict', '--on-conflict', [CompletionResultType]::ParameterName, 'What to do with a job that was there before the run; of one run the newest record counts')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the records that cannot be imported to this file, as JSON Lines')
            [CompletionResult]::new('--timezone', '--timezone', [CompletionResultType]::ParameterName, 'The zone of api_server''s local times: a name such as Asia/Shanghai, an offset, or local')
            [CompletionResult]::new('--map-status', '--map-status', [CompletionResultType]::ParameterName, 'Read an unknown status as a known one, such as done=completed; commas separate several')
            [CompletionResult]::new('--max-record', '--max-record', [CompletionResultType]::ParameterName, 'The longest record that is taken; a longer one is rejected by itself')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--atomic', '--atomic', [CompletionResultType]::ParameterName, 'All or nothing: one transaction, undone when a dump is cut off or anything else goes wrong')
            [CompletionResult]::new('--exclusive', '--exclusive', [CompletionResultType]::ParameterName, 'Keep the database locked from beginning to end: faster, but the service has to wait')
            [CompletionResult]::new('--partial', '--partial', [CompletionResultType]::ParameterName, 'Take a page of a listing that says there are more, without exit status 65')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Read and check everything, and write nothing but the file of --rejects')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;cleanup' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'The age after which jobs of a state and type go; the most specific rule wins')
            [CompletionResult]::new('--keep-last', '--keep-last', [CompletionResultType]::ParameterName, 'Keep the newest N of each state and type, whatever their age')
            [CompletionResult]::new('--archive', '--archive', [CompletionResultType]::ParameterName, 'Append the jobs to this file before they go, compressed where it ends in .zst or .gz')
            [CompletionResult]::new('--files-under', '--files-under', [CompletionResultType]::ParameterName, 'Remove the working folders of the jobs too; DIR is the folder that the service runs in')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another cleanup, or another run that writes the archive, to end')
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Refuse when more jobs would go than this')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--reclaim', '--reclaim', [CompletionResultType]::ParameterName, 'Give the space that jobs left in the file back to the system, in small steps')
            [CompletionResult]::new('--vacuum', '--vacuum', [CompletionResultType]::ParameterName, 'Where space cannot go back in steps, rewrite the whole file; keeps everybody out meanwhile')
            [CompletionResult]::new('--exclusive', '--exclusive', [CompletionResultType]::ParameterName, 'Keep the file locked from beginning to end: faster, but the service cannot write meanwhile')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would go and why, and write nothing')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show what would go, what would stay, and why, and write nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;backup' {
            [CompletionResult]::new('--pack', '--pack', [CompletionResultType]::ParameterName, 'In a folder: how to pack the file')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'In a folder: remove all but the newest N backups of this database, this one among them')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'How to check the copy: full, quick (without the look whether each index has what the rows have) or none')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Replace the file if it is there')
            [CompletionResult]::new('--exclusive', '--exclusive', [CompletionResultType]::ParameterName, 'Keep others from writing until the copy is made; for a file that is written all the time')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;restore' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The database to make; without it, the one that --db names')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Replace the database if it is there, and keep its content in a file beside it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask before a database is replaced')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before a database is replaced')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;history' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only runs since this time: a time, or an age such as 36h')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The most runs, or changes of a job, that are shown')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'With prune: the age of the runs that go')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;undo' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--from-archive', '--from-archive', [CompletionResultType]::ParameterName, 'Restore what cleanup removed from its archive, once that is seen to be as the run left it')
            [CompletionResult]::new('--skip-conflicts', '--skip-conflicts', [CompletionResultType]::ParameterName, 'Leave the jobs that have changed since, and restore the others')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;redo' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--skip-conflicts', '--skip-conflicts', [CompletionResultType]::ParameterName, 'Leave the jobs that have changed since, and restore the others')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;redact' {
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'What is taken out, of: content, requirement, request, error, title, result, context [default: all]')
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Refuse when more jobs match than this')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Keep what changes, so that undo can take it back: auto, off or required [default: auto]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--vacuum', '--vacuum', [CompletionResultType]::ParameterName, 'Write the whole file anew, however large it is; keeps everybody out meanwhile')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show which jobs would be redacted, and write nothing')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'The same as --history off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;export' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Write to this file, packed when its name ends in .zst or .gz; - is stdout')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;stats' {
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Group by this as well: status, type, mode, style or day')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Show at most N error messages')
            [CompletionResult]::new('--stuck-after', '--stuck-after', [CompletionResultType]::ParameterName, 'Count a processing job as stuck after this without an update [default: that of --stuck, or 2h]')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Write to this file, which appears whole or stays as it was; - is stdout')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or prometheus; csv and tsv have a line for each group')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or prometheus; csv and tsv have a line for each group')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'In this state: queued, processing, completed, failed, cancelled; null for none')
            [CompletionResult]::new('--not-status', '--not-status', [CompletionResultType]::ParameterName, 'Not in this state')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type: idea2video, script2video, conversational or another')
            [CompletionResult]::new('--mode', '--mode', [CompletionResultType]::ParameterName, 'Of this mode: idea, script; null for none')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Of this style')
            [CompletionResult]::new('--series', '--series', [CompletionResultType]::ParameterName, 'Of this series; null for none')
            [CompletionResult]::new('--episode', '--episode', [CompletionResultType]::ParameterName, 'Of this episode; null for none')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Created at or after: a time, today, yesterday, or an age such as 36h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Created before: a time, today, yesterday, or an age such as 7d')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Ended (or else last updated, or else created) longer ago than this')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'With this text in title, content or error, in upper or lower case')
            [CompletionResult]::new('--stuck', '--stuck', [CompletionResultType]::ParameterName, 'Processing, and not updated for at least this long (updated_at is the only sign of life there is)')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;doctor' {
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'Tell of jobs that have been queued, or processing without an update, for so long')
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'End with status 1 for warnings too')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Read every page of the file for damage; where it has no log (WAL), the service cannot write meanwhile')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;completions' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;man' {
            [CompletionResult]::new('--db', '--db', [CompletionResultType]::ParameterName, 'The database: a path, or sqlite:///relative or sqlite:////absolute')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: table, wide, json, jsonl, csv, tsv or ids [default: table; of export: jsonl]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never')
            [CompletionResult]::new('--busy-timeout', '--busy-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a locked database')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which file is used and how long it took')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show long output as it is, not in a pager')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End ids with NUL instead of a line break: those that -o ids prints, and those that - reads')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw tables, bars and marks in ASCII; stored text stays as it is')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'With -o csv: for Excel, with a byte order mark before it and CRLF line ends')
            [CompletionResult]::new('--utc', '--utc', [CompletionResultType]::ParameterName, 'Read and show times in UTC instead of local time')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'jobctl;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a job and print its id')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show jobs in full')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change jobs: state, progress, shots, result, any text')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List jobs, newest first')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until jobs have ended')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete jobs, by id or by filter')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Import jobs from JSON dumps')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'Remove ended jobs that have been kept long enough')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the whole database into one file, while the service runs')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a database of a backup: a new one, or in the place of the one in use')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show which commands changed jobs, and what they changed')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take back what a command changed')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Do again what undo took back')
            [CompletionResult]::new('redact', 'redact', [CompletionResultType]::ParameterValue, 'Take personal text out of jobs and of their history, for good')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write jobs out as rows, for a backup or for another program')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Say how the jobs are doing: counts, success, times, days, errors')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say what is wrong with the database and around it, and what to do about it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'jobctl;help;create' {
            break
        }
        'jobctl;help;show' {
            break
        }
        'jobctl;help;update' {
            break
        }
        'jobctl;help;list' {
            break
        }
        'jobctl;help;wait' {
            break
        }
        'jobctl;help;delete' {
            break
        }
        'jobctl;help;migrate' {
            break
        }
        'jobctl;help;cleanup' {
            break
        }
        'jobctl;help;backup' {
            break
        }
        'jobctl;help;restore' {
            break
        }
        'jobctl;help;history' {
            break
        }
        'jobctl;help;undo' {
            break
        }
        'jobctl;help;redo' {
            break
        }
        'jobctl;help;redact' {
            break
        }
        'jobctl;help;export' {
            break
        }
        'jobctl;help;stats' {
            break
        }
        'jobctl;help;doctor' {
            break
        }
        'jobctl;help;completions' {
            break
        }
        'jobctl;help;man' {
            break
        }
        'jobctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
