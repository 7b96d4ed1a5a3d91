#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/latest.h"
#include "base/log.h"
#include "base/mutex.h"
#include "http/http_server.h"

namespace backlogd::http {

class RecordingLog : public Log {
 public:
  void Write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const LogField& field : fields) line.append(" ").append(field.value);
    MutexLock lock(mutex_);
    lines_.push_back(std::move(line));
  }

  bool Contains(std::string_view text) {
    MutexLock lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

class StatusCounts {
 public:
  void Add(int status) {
    MutexLock lock(mutex_);
    ++counts_[status];
  }
  std::map<int, int> Copy() {
    MutexLock lock(mutex_);
    return counts_;
  }

 private:
  Mutex mutex_;
  std::map<int, int> counts_ GUARDED_BY(mutex_);
};

// True as soon as `condition()` is; false if it is not within 10 s.
template <typename Condition>
bool Eventually(Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// A page of `count` pieces, each of `bytes` and unlike the others, that owns them.
class BigPage {
 public:
  BigPage(std::size_t count, std::size_t bytes) {
    std::string pattern;
    for (int i = 0; i < 997; ++i) pattern += static_cast<char>('a' + i % 23);
    for (std::size_t i = 0; i < count; ++i) {
      std::string piece = std::to_string(i) + ":";
      while (piece.size() < bytes) piece += pattern;
      piece.resize(bytes);
      pieces_.push_back(std::move(piece));
    }
  }

  static Response Serve(const std::shared_ptr<const BigPage>& page) {
    Response response;
    response.pieces.assign(page->pieces_.begin(), page->pieces_.end());
    response.owner = page;
    return response;
  }

  std::string Text() const {
    std::string text;
    for (const std::string& piece : pieces_) text += piece;
    return text;
  }

 private:
  std::vector<std::string> pieces_;
};

}  // namespace backlogd::http
