# Written by scripts/manuals: change the flags of backlogd, and run it again.
complete -c backlogd -f
complete -c backlogd -l config.file -r -d 'Configuration file; without one, the defaults'
complete -c backlogd -l kafka.bootstrap-servers -x -d 'Brokers to ask first, "host:port,host:port" (default localhost:9092)'
complete -c backlogd -l web.listen-address -x -d 'Address to serve on, "host:port" or ":port"; may be given several times (default :12092)'
complete -c backlogd -l web.telemetry-path -x -d 'Path of the metrics (default /metrics)'
complete -c backlogd -l log.level -x -a 'debug info warn error' -d 'debug, info, warn or error (default info)'
complete -c backlogd -l log.format -x -a 'logfmt json' -d 'logfmt or json (default logfmt)'
complete -c backlogd -l once -d 'Poll every cluster once, write the metrics to standard output, end'
complete -c backlogd -l check-config -d 'Check the configuration and end'
complete -c backlogd -l version -d 'Print the version and end'
complete -c backlogd -l help -d 'Print this and end'
