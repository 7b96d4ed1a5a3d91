#include "dlq/transform.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern char** environ;

namespace backlogd::dlq {
namespace {

constexpr std::size_t kMaxOutputBytes = std::size_t{256} << 20;
constexpr std::chrono::milliseconds kTick(50);

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor from;
  Descriptor to;
};
bool Open(Pipe& pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  return true;
}

Error Problem(const std::string& what) { return {ErrorKind::kOther, "--transform: " + what}; }

// The shell, a process group of its own, with signals as a program expects them. Its id, or -1.
pid_t Start(const std::string& command, const Pipe& input, const Pipe& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.from.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.to.get(), STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&usual, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string shell = "sh", option = "-c", text = command;
  const std::array<char*, 4> arguments = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments.data(), environ) != 0) {
    child = -1;
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

// A started command: killed and waited for at the end, unless it has ended itself.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  ~Child() {
    if (ended_) return;
    kill(-id_, SIGKILL);
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its status as of waitpid(), once it has ended.
  std::optional<int> Status() {
    int status = 0;
    if (waitpid(id_, &status, WNOHANG) != id_) return std::nullopt;
    ended_ = true;
    return status;
  }

 private:
  pid_t id_;
  bool ended_ = false;
};

// The texts on their way to and from the command.
class Exchange {
 public:
  Exchange(std::string_view input, Descriptor to, Descriptor from)
      : input_(input), to_(std::move(to)), from_(std::move(from)) {
    fcntl(to_.get(), F_SETFL, O_NONBLOCK);
    if (input_.empty()) to_.Close();
  }

  bool over() const { return from_.get() < 0; }
  const std::string& output() const { return output_; }
  bool too_much() const { return output_.size() > kMaxOutputBytes; }

  // Moves what can be moved now, or within a tick.
  void Step() {
    std::array<pollfd, 2> polled = {pollfd{from_.get(), POLLIN, 0}, pollfd{to_.get(), POLLOUT, 0}};
    if (poll(polled.data(), polled.size(), static_cast<int>(kTick.count())) <= 0) return;
    if (polled[1].revents != 0) Write();
    if (polled[0].revents != 0) Read();
  }

 private:
  void Write() {
    const ssize_t written = write(to_.get(), input_.data(), input_.size());
    if (written > 0) input_.remove_prefix(static_cast<std::size_t>(written));
    const bool refused = written < 0 && errno != EAGAIN && errno != EINTR;
    if (refused || input_.empty()) to_.Close();  // who does not want to read all need not
  }
  void Read() {
    std::array<char, 65536> buffer;
    const ssize_t got = read(from_.get(), buffer.data(), buffer.size());
    if (got > 0) output_.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) from_.Close();
  }

  std::string_view input_;
  Descriptor to_;
  Descriptor from_;
  std::string output_;
};

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return "was ended by signal " + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::optional<std::string>> Transform::Run(std::string_view input,
                                                  const std::function<bool()>& meanwhile) const {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + timeout_;
  Pipe to_child, from_child;
  if (!Open(to_child) || !Open(from_child)) return Problem(std::strerror(errno));
  const pid_t id = Start(command_, to_child, from_child);
  if (id < 0) return Problem("/bin/sh cannot be started");
  Child child(id);
  to_child.from.Close();
  from_child.to.Close();
  Exchange exchange(input, std::move(to_child.to), std::move(from_child.from));
  std::optional<int> status;
  while (!exchange.over() || !status) {
    if (stop_.Requested() || !meanwhile())
      return Error{ErrorKind::kInterrupted, "--transform: interrupted"};
    if (Clock::now() >= deadline) return Problem("did not end in time (--transform-timeout)");
    if (exchange.too_much()) return Problem("wrote too much");
    if (!exchange.over()) {
      exchange.Step();
    } else {
      status = child.Status();
      if (!status) stop_.Sleep(std::chrono::milliseconds(1));
    }
  }
  if (*status != 0) return Problem("the command " + HowItEnded(*status));
  if (exchange.output().find_first_not_of(" \t\r\n") == std::string::npos) {
    return std::optional<std::string>();
  }
  return std::optional(exchange.output());
}

}  // namespace backlogd::dlq
