#include "app/spdlog_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <ostream>
#include <string>
#include <utility>

#include "app/clock.h"
#include "app/log_line.h"

namespace backlogd::app {
namespace {

class StreamSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StreamSink(std::ostream& stream) : stream_(stream) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    stream_.clear();  // a line that could not be written must not silence the next one
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';  // with it in one piece: one write, which other writers cannot cut in two
    stream_.write(line.data(), static_cast<std::streamsize>(line.size())).flush();
  }
  void flush_() override { stream_.flush(); }

  std::ostream& stream_;
};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: break;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::logger> MakeLogger(std::ostream& stream) {
  auto logger = std::make_shared<spdlog::logger>("backlogd", std::make_shared<StreamSink>(stream));
  logger->set_level(spdlog::level::trace);               // the log decides
  logger->set_error_handler([](const std::string&) {});  // its own would write to stderr raw
  return logger;
}

std::string KindOf(std::string_view event, std::span<const LogField> fields) {
  std::string kind(event);
  for (const LogField& field : fields) {
    if (field.key == "kafka_cluster" || field.key == "step") kind.append("\n").append(field.value);
  }
  return kind;
}

}  // namespace

SpdlogLog::SpdlogLog(const config::Logging& options, std::ostream& stream,
                     std::function<void(LogLevel)> on_message)
    : level_(options.level),
      format_(options.format),
      on_message_(std::move(on_message)),
      logger_(MakeLogger(stream)) {}

SpdlogLog::~SpdlogLog() = default;

void SpdlogLog::Configure(const config::Logging& options) {
  level_ = options.level;
  format_ = options.format;
}

void SpdlogLog::Write(LogLevel level, std::string_view event,
                      std::initializer_list<LogField> fields) {
  try {
    WriteOrThrow(level, event, {fields.begin(), fields.size()});
  } catch (...) {  // without memory there is no line, but the caller goes on
  }
}

void SpdlogLog::WriteOrThrow(LogLevel level, std::string_view event,
                             std::span<const LogField> fields) {
  if (level < level_) return;
  if (on_message_) on_message_(level);
  const std::optional<std::uint64_t> suppressed = Admit(event, fields);
  if (!suppressed) return;
  const LogEntry entry{WallNow(), level, event, fields, *suppressed};
  const std::string line = format_ == config::LogFormat::kJson ? ToJson(entry) : ToLogfmt(entry);
  logger_->log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

std::optional<std::uint64_t> SpdlogLog::Admit(std::string_view event,
                                              std::span<const LogField> fields) {
  const std::string kind = KindOf(event, fields);
  MutexLock lock(mutex_);
  return rate_limit_.Admit(kind, SteadyNow());
}

}  // namespace backlogd::app
