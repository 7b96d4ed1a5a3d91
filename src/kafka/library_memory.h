#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/log.h"

// Private to this room.
namespace backlogd::kafka {

// What librdkafka tells of a cluster aside from its events, and what of it was logged already.
// Several handles of one cluster may share it, one after the other. Thread-safe.
class LibraryMemory {
 public:
  // How loud a message of librdkafka is to be. What our own line tells as well, in the failure of a
  // call, is for debugging; what each fresh handle says anew is told once.
  LogLevel LevelOf(int syslog_level, std::string_view facility, std::string_view message);

  // True at the first time; numbers in it make no difference.
  bool IsNew(std::string_view message);

  // Why OpenSSL refuses the certificate of a broker ("host:port"): X509_V_ERR_*. Returns that in
  // words.
  std::string_view NoteCertificate(std::string_view broker, int x509_error);

  // `reason` is librdkafka's, of a connection. What is wrong with a certificate, the broker's or
  // ours, takes the place of guesses.
  std::string WithCertificate(std::string reason) const;

  // A handle begins. `awaited` is what it cannot connect without; empty: nothing.
  void BeginHandle(std::string awaited);
  void NoteSocket();  // it begins to connect
  struct Waiting {
    std::string awaited;
    std::chrono::steady_clock::time_point since;
  };
  // Absent if the handle never waited, or waits no more.
  std::optional<Waiting> waiting() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> told_;
  std::map<std::string, std::string_view, std::less<>> certificates_;  // by broker
  bool lacks_issuer_ = false;  // our certificate is of none that the broker names
  std::optional<Waiting> waiting_;
};

}  // namespace backlogd::kafka
