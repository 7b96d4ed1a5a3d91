#include "child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace backlogd::app {
namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Appends what can be read; at the end closes `fd` and makes it -1.
void ReadSome(int& fd, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else {
    close(fd);
    fd = -1;
  }
}

pid_t Spawn(const std::vector<std::string>& command, int out_fd, int err_fd) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

void KeepForLastTest(const std::string& kind, const std::string& content) {
  const char* folder = std::getenv("BACKLOGD_EMISSIONS_DIR");
  if (folder == nullptr || content.empty()) return;
  std::filesystem::create_directories(folder);
  const std::string name = std::string(folder) + "/" + kind + "." + std::to_string(getpid());
  std::ofstream(name, std::ios::app) << content << "\n";
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  pid_ = Spawn(command, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  out_fd_ = out[0];
  err_fd_ = err[0];
}

ChildProcess::~ChildProcess() {
  KeepForLastTest("stdout", out_);
  KeepForLastTest("stderr", err_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) close(out_fd_);
  if (err_fd_ >= 0) close(err_fd_);
}

// False at the deadline, or at the end of both streams.
bool ChildProcess::ReadUntil(Clock::time_point deadline) {
  std::array<pollfd, 2> fds = {pollfd{out_fd_, POLLIN, 0}, pollfd{err_fd_, POLLIN, 0}};
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if ((out_fd_ < 0 && err_fd_ < 0) || left < 0) return false;
  if (poll(fds.data(), fds.size(), static_cast<int>(left)) <= 0) return false;
  if (fds[0].revents != 0) ReadSome(out_fd_, out_);
  if (fds[1].revents != 0) ReadSome(err_fd_, err_);
  return true;
}

std::string ChildProcess::WaitForLine(const std::string& part) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  do {
    const std::size_t found = err_.find(part);
    const std::size_t end = found == std::string::npos ? found : err_.find('\n', found);
    if (end != std::string::npos) {
      const std::size_t begin = err_.rfind('\n', found) + 1;  // npos + 1 == 0
      return err_.substr(begin, end - begin);
    }
  } while (ReadUntil(deadline));
  return "";
}

void ChildProcess::Signal(int signal) const { kill(pid_, signal); }

std::optional<int> ChildProcess::Wait(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (ReadUntil(deadline)) {
  }
  if (out_fd_ >= 0 || err_fd_ >= 0) return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

SilentPort::SilentPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd_, plain, length) != 0 || listen(fd_, 64) != 0 ||
      getsockname(fd_, plain, &length) != 0) {
    throw std::runtime_error("no port");
  }
  address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

SilentPort::~SilentPort() { close(fd_); }

std::string HttpGet(const std::string& address, const std::string& path) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = Loopback(std::stoi(address.substr(address.rfind(':') + 1)));
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 ||
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    close(fd);
    return answer;
  }
  while (fd >= 0) ReadSome(fd, answer);
  KeepForLastTest("answer", answer);
  return answer;
}

}  // namespace backlogd::app
