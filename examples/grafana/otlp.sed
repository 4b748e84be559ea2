# Makes of exectrack.json a dashboard for metrics that came by OTLP, whose names in Prometheus differ:
#
#     sed -E -f otlp.sed exectrack.json > exectrack-otlp.json
#
s/"title": "exectrack", "uid": "exectrack-tools"/"title": "exectrack (OTLP)", "uid": "exectrack-otlp"/
s/as exectrack exports them for Prometheus/as exectrack sends them by OTLP/

# Durations are a native histogram, which has no buckets as series.
s/exectrack_tool_duration_seconds_bucket/gen_ai_execute_tool_duration_seconds/g
s/sum by \(tool, le\)/sum by (tool)/g
s/sum by \(le\)/sum/g
s/The buckets' limits are powers of 2, so it may be wrong by up to a factor of 2\./It may be wrong by the width of a bucket./

# Labels in selectors, in `by (...)` and label_values(), and in legends.
s/([{,])tool=/\1gen_ai_tool_name=/g
s/([(]|, )tool([,)])/\1gen_ai_tool_name\2/g
s/[{]tool[}]/{gen_ai_tool_name}/g
s/([{,])(status|measure)(!?=)/\1exectrack_\2\3/g
s/([(]|, )(reason|unit|measure)[)]/\1exectrack_\2)/g
s/[{](reason|unit)[}]/{exectrack_\1}/g
