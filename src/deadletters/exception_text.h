#pragma once

#include <array>
#include <cstddef>
#include <string_view>

// Private to the room: what the texts in which runtimes print their exceptions say. Views into what
// was given; nothing is allocated.
namespace backlogd::deadletters {

inline constexpr std::size_t kMaxTextBytes = 4096;  // of a class name or a message
inline constexpr std::size_t kMaxTraceBytes = std::size_t{64} * 1024;  // of a stack trace

// An exception: its class as its runtime prints it and its message, at most kMaxTextBytes of each.
// Either may be empty.
struct Fault {
  std::string_view type;
  std::string_view message;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// Exceptions that caused one another, innermost first, at most kCapacity: of a longer chain the
// outer ones are forgotten.
class FaultChain {
 public:
  static constexpr std::size_t kCapacity = 16;

  const Fault* begin() const { return faults_.data(); }
  const Fault* end() const { return faults_.data() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Fault& operator[](std::size_t index) const { return faults_[index]; }

  // Puts the fault outside of all others, and inside of it those that its message names
  // ("nested exception is ..."). Nothing happens if it says nothing new.
  void AddOuter(Fault fault);

 private:
  void Push(const Fault& fault);

  std::array<Fault, kCapacity> faults_ = {};
  std::size_t size_ = 0;
};

// "java.io.IOException: disk full" taken apart. Text without a class is all message.
Fault ParseFault(std::string_view text);

// The message without what frameworks put before and behind the real one: the listener's signature,
// the handler's name, the record. Names of methods and values of records look like reasons.
std::string_view WithoutDecoration(std::string_view message);

// Adds the chain of causes of a stack trace of Java, .NET or Python. What was suppressed is no
// cause. Of a long trace its first and its last 32 KiB are read: the root cause is at the end.
void AddTrace(std::string_view trace, FaultChain& chain);

}  // namespace backlogd::deadletters
