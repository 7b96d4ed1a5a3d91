#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace backlogd::app {

// Finds out whether the threads of our own web server still live, from inside.
class WebProbe {
 public:
  // `host`: what is listened on; empty, 0.0.0.0 and ::, which mean all addresses, are asked on the
  // loopback.
  WebProbe(const std::string& host, std::uint16_t port);

  // Whether a request is answered before `patience` is over, by anything: a server that demands TLS
  // drops a request without, but only if it lives. Blocks.
  bool Answers(std::chrono::milliseconds patience) const;

 private:
  std::string host_;
  std::string port_;
};

}  // namespace backlogd::app
