#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

// Private to the room.
namespace backlogd::http {

struct Login {
  std::string user;
  std::string password;
};

// What a header "Authorization: Basic ..." says; absent if it says nothing of the kind.
std::optional<Login> ParseBasic(std::string_view header);

// Whether `hash` is bcrypt's of `password`. Takes as long as the hash's cost makes it: 60 ms and
// more. The comparison tells nothing by its time.
bool IsBcryptOf(std::string_view password, const std::string& hash);

// Finds out whether passwords are right, one after the other in a thread of its own, so that those
// who serve need not wait; and remembers it. Thread-safe.
class Passwords {
 public:
  // Empty, or the hash of the user by the web configuration.
  using Users = std::map<std::string, std::string>;

  Passwords();
  ~Passwords();
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;

  // Absent: not asked before, or forgotten.
  std::optional<bool> Recall(const Login& login, const Users& users);

  // Calls `done` from the other thread. False, and no call: too many wait already, or the end is
  // near. An unknown user costs as much time as one that is known. REQUIRES: !users.empty()
  bool Ask(Login login, const Users& users, std::function<void(bool)> done);

  // Answers those who wait with false, waits for the one that is looked at, and takes no more.
  void End();

 private:
  using Digest = std::string;
  struct Question {
    std::string password;
    std::string hash;  // of the user, or of somebody else
    bool is_known = false;
    Digest digest;
    std::function<void(bool)> done;
  };
  // The newest answers of one kind: wrong guesses do not push out what is right.
  struct Memory {
    std::map<Digest, bool> answers;
    std::deque<Digest> order;
  };

  Digest DigestOf(const Login& login, const std::string& hash) const;
  std::optional<bool> Find(const Digest& digest);
  void Remember(const Digest& digest, bool is_right);
  void Run();

  std::array<unsigned char, 32> secret_{};  // without it nobody can tell a password by its digest
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> waiting_;
  Memory right_;
  Memory wrong_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace backlogd::http
