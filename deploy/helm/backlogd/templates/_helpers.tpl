{{- define "backlogd.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "backlogd.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "backlogd.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "backlogd.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "backlogd.selectorLabels" -}}
app.kubernetes.io/name: {{ include "backlogd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "backlogd.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "backlogd.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | replace "~" "_" | trunc 63 | quote }}
app.kubernetes.io/component: exporter
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "backlogd.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "backlogd.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "backlogd.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "backlogd.scheme" -}}
{{- if and .Values.webConfig.existingSecret .Values.webConfig.tls }}HTTPS{{ else }}HTTP{{ end -}}
{{- end -}}

{{/* A probe of the deployment: (dict "root" . "path" "/-/ready" "probe" .Values.readinessProbe) */}}
{{- define "backlogd.probe" -}}
{{- if not .probe.tcpSocket }}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ include "backlogd.scheme" .root }}
{{- end }}
{{ toYaml (omit .probe "enabled") }}
{{- end -}}

{{/* Where the metrics are: a flag wins over the configuration, as in the daemon. */}}
{{- define "backlogd.telemetryPath" -}}
{{- $path := "/metrics" -}}
{{- if not .Values.existingConfigSecret -}}
{{- $path = (.Values.config.web | default dict).telemetry_path | default $path -}}
{{- end -}}
{{- range .Values.extraArgs -}}
{{- if hasPrefix "--web.telemetry-path=" . -}}
{{- $path = trimPrefix "--web.telemetry-path=" . -}}
{{- end -}}
{{- end -}}
{{- $path -}}
{{- end -}}

{{/* How a monitor scrapes: (dict "root" . "monitor" .Values.serviceMonitor) */}}
{{- define "backlogd.scrape" -}}
port: http
path: {{ include "backlogd.telemetryPath" .root | quote }}
scheme: {{ include "backlogd.scheme" .root | lower }}
interval: {{ .monitor.interval }}
scrapeTimeout: {{ .monitor.scrapeTimeout }}
# The alert BacklogdDown looks for this job, whatever the release is called.
relabelings:
  - targetLabel: job
    replacement: backlogd
  {{- with .monitor.relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- range $key := list "tlsConfig" "basicAuth" "metricRelabelings" }}
{{- with index $.monitor $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
