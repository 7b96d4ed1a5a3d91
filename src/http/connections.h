#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace backlogd::http {

class TlsCredentials;

// What a connection is in the middle of, and so how long it may take.
enum class Phase { kNew, kIdle, kReading, kAnswering, kSending };

// One client's connection, from when it is accepted until it is closed.
struct Connection {
  int socket = -1;
  Phase phase = Phase::kNew;
  std::chrono::steady_clock::time_point deadline{};
  std::shared_ptr<const TlsCredentials> tls{};  // what its session refers to; null: plain
};

// The open connections of a server: none takes longer than it may, however slowly its client drips,
// and there are never too many. Thread-safe.
class Connections {
 public:
  struct Limits {
    std::size_t count = 0;
    std::chrono::milliseconds head{};  // from the connection to the end of a request's head
    std::chrono::milliseconds idle{};  // from one answer to the end of the next head
    std::chrono::milliseconds body{};  // until the end of a request's body
    std::chrono::milliseconds send{};  // until the end of an answer
  };

  explicit Connections(const Limits& limits);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  using Handle = std::list<Connection>::iterator;

  // Where there are too many, the one that is closest to the end of its time has to go: first of
  // those that have asked nothing, then of those that do not read. The socket is not ours.
  Handle Add(int socket, std::shared_ptr<const TlsCredentials> tls);
  void Enter(Handle connection, Phase phase);
  void Remove(Handle connection);  // REQUIRES: its socket is not closed yet

 private:
  static constexpr std::size_t kPhases = 5;
  using Clock = std::chrono::steady_clock;

  std::list<Connection>& In(Phase phase);
  Clock::time_point DeadlineIn(Phase phase) const;
  void ShutDown(Handle connection);
  void ShutDownOne();
  void ShutDownLate();
  void Watch();

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable ended_;
  // By phase, each in the order of deadlines, for a phase takes all the same time.
  std::array<std::list<Connection>, kPhases> open_;
  std::list<Connection> shut_down_;  // the server has yet to notice
  std::size_t count_ = 0;            // in open_
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace backlogd::http
