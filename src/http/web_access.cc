#include "http/web_access.h"

#include <sys/stat.h>

#include <ctime>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/tls_credentials.h"

namespace backlogd::http {
namespace {

// What tells that a file has changed.
struct Mark {
  timespec changed{};
  off_t size = -1;  // -1: no such file
  ino_t number = 0;

  friend bool operator==(const Mark& a, const Mark& b) {
    return a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec &&
           a.size == b.size && a.number == b.number;
  }
};

Mark MarkOf(const std::filesystem::path& file) {
  struct stat found = {};
  if (stat(file.c_str(), &found) != 0) return {};
  return {found.st_ctim, found.st_size, found.st_ino};
}

std::vector<Mark> MarksOf(const std::vector<std::filesystem::path>& files) {
  std::vector<Mark> marks;
  for (const auto& file : files) marks.push_back(MarkOf(file));
  return marks;
}

// A file may be written twice within one tick of the clock that marks it: only a mark of some age
// says that nothing has happened since.
bool IsSettled(const std::vector<Mark>& marks) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  for (const Mark& mark : marks) {
    const auto age = now.tv_sec - mark.changed.tv_sec;
    if (age == 0 || age == 1) return false;
  }
  return true;
}

WebRules Read(const std::filesystem::path& file) {
  WebRules rules;
  rules.config = config::LoadWebConfig(file);
  if (!rules.config.tls) return rules;
  try {
    rules.tls = std::make_shared<const TlsCredentials>(*rules.config.tls);
  } catch (const config::ConfigError& error) {
    throw config::ConfigError(file.string() + ": " + error.what());
  }
  // GnuTLS has its own copy now.
  gnutls_memset(rules.config.tls->key.data(), 0, rules.config.tls->key.size());
  rules.config.tls->key.clear();
  return rules;
}

}  // namespace

class WebAccess::State {
 public:
  State(std::filesystem::path file, Log& log)
      : file_(std::move(file)), log_(log), rules_(std::make_shared<const WebRules>(Read(file_))) {
    marks_ = MarksOf(rules_->config.files);
    is_settled_ = IsSettled(marks_);
  }

  std::shared_ptr<const WebRules> Get() {
    const std::lock_guard lock(mutex_);
    std::vector<Mark> marks = MarksOf(rules_->config.files);
    if (is_settled_ && marks == marks_) return rules_;
    // Taken before the files are read: a change meanwhile is seen next time.
    is_settled_ = IsSettled(marks);
    marks_ = std::move(marks);
    ReadAgain();
    return rules_;
  }

 private:
  void ReadAgain() {
    try {
      WebRules rules = Read(file_);
      if ((rules.tls == nullptr) != (rules_->tls == nullptr)) {
        throw config::ConfigError(file_.string() +
                                  ": TLS cannot be turned on or off while backlogd runs; restart "
                                  "it, or undo the change");
      }
      if (rules.config.files != rules_->config.files) {
        marks_ = MarksOf(rules.config.files);
        is_settled_ = false;
      }
      rules_ = std::make_shared<const WebRules>(std::move(rules));
      problem_.clear();
    } catch (const config::ConfigError& error) {
      Break(error.what());
    }
  }

  void Break(std::string problem) {
    is_settled_ = false;  // what mends it may be a file that is not among those we know
    if (problem == problem_) return;
    problem_ = std::move(problem);
    log_.Write(LogLevel::kError, "the web configuration cannot be used; requests get a 500",
               {{"error", problem_}});
    WebRules broken = *rules_;
    broken.is_broken = true;
    rules_ = std::make_shared<const WebRules>(std::move(broken));
  }

  const std::filesystem::path file_;
  Log& log_;
  std::mutex mutex_;
  std::shared_ptr<const WebRules> rules_;
  std::vector<Mark> marks_;  // of the files of rules_
  bool is_settled_ = false;
  std::string problem_;  // empty: none
};

WebAccess::WebAccess(std::filesystem::path file, Log& log)
    : state_(std::make_unique<State>(std::move(file), log)) {}

WebAccess::~WebAccess() = default;

std::shared_ptr<const WebRules> WebAccess::Get() { return state_->Get(); }

}  // namespace backlogd::http
