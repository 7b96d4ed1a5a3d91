#include "http/passwords.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

namespace backlogd::http {
namespace {

constexpr std::size_t kMaxWaiting = 16;  // about a second's work
constexpr std::size_t kMaxRemembered = 256;
constexpr std::size_t kMaxHeaderBytes = 2048;

int DigitOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = DigitOf(c);
    if (digit < 0) return std::nullopt;
    bits = ((bits << 6) | static_cast<unsigned>(digit)) & 0xffffffU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xffU);
  }
  return bytes;
}

bool IsBasic(std::string_view scheme) {
  return std::equal(scheme.begin(), scheme.end(), "basic",
                    [](char given, char small) { return (given | 0x20) == small; });
}

void Append(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

// As dear as the dearest hash there is, so that time does not tell who is known.
const std::string& DearestHash(const Passwords::Users& users) {
  const auto cost = [](const auto& user) { return user.second.substr(4, 2); };
  return std::max_element(users.begin(), users.end(),
                          [&](const auto& a, const auto& b) { return cost(a) < cost(b); })
      ->second;
}

}  // namespace

std::optional<Login> ParseBasic(std::string_view header) {
  constexpr std::size_t kScheme = 5;
  if (header.size() <= kScheme || header.size() > kMaxHeaderBytes) return std::nullopt;
  if (!IsBasic(header.substr(0, kScheme)) || header[kScheme] != ' ') return std::nullopt;
  header.remove_prefix(kScheme);
  header.remove_prefix(std::min(header.size(), header.find_first_not_of(' ')));
  const auto text = DecodeBase64(header);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Login{text->substr(0, colon), text->substr(colon + 1)};
}

bool IsBcryptOf(std::string_view password, const std::string& hash) {
  const auto scratch = std::make_unique<crypt_data>();
  const std::string text(password);
  const char* made = crypt_r(text.c_str(), hash.c_str(), scratch.get());
  // C's strings end at a zero; so what follows one would not be looked at.
  const bool is_whole = text.find('\0') == std::string::npos;
  const std::string_view result(made == nullptr ? "" : made);
  const bool is_equal =
      result.size() == hash.size() && gnutls_memcmp(result.data(), hash.data(), hash.size()) == 0;
  gnutls_memset(scratch.get(), 0, sizeof *scratch);
  return is_equal && is_whole;
}

Passwords::Passwords() {
  if (gnutls_rnd(GNUTLS_RND_KEY, secret_.data(), secret_.size()) != GNUTLS_E_SUCCESS) {
    throw std::runtime_error("the system gives no random numbers");
  }
  thread_ = std::thread([this] { Run(); });
}

Passwords::~Passwords() { End(); }

std::optional<bool> Passwords::Recall(const Login& login, const Users& users) {
  const auto user = users.find(login.user);
  const Digest digest = DigestOf(login, user == users.end() ? "" : user->second);
  const std::lock_guard lock(mutex_);
  return Find(digest);
}

bool Passwords::Ask(Login login, const Users& users, std::function<void(bool)> done) {
  const auto user = users.find(login.user);
  const bool is_known = user != users.end();
  Question question{.password = {},
                    .hash = is_known ? user->second : DearestHash(users),
                    .is_known = is_known,
                    .digest = DigestOf(login, is_known ? user->second : ""),
                    .done = std::move(done)};
  question.password = std::move(login.password);
  const std::lock_guard lock(mutex_);
  if (ending_ || waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(std::move(question));
  changed_.notify_all();
  return true;
}

void Passwords::End() {
  std::deque<Question> given_up;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    given_up.swap(waiting_);
    changed_.notify_all();
  }
  for (const Question& question : given_up) question.done(false);
  if (thread_.joinable()) thread_.join();
}

Passwords::Digest Passwords::DigestOf(const Login& login, const std::string& hash) const {
  std::string text;
  Append(text, login.user);
  Append(text, hash);
  Append(text, login.password);
  Digest digest(32, '\0');
  gnutls_hmac_fast(GNUTLS_MAC_SHA256, secret_.data(), secret_.size(), text.data(), text.size(),
                   digest.data());
  gnutls_memset(text.data(), 0, text.size());
  return digest;
}

std::optional<bool> Passwords::Find(const Digest& digest) {
  for (const Memory* memory : {&right_, &wrong_}) {
    const auto found = memory->answers.find(digest);
    if (found != memory->answers.end()) return found->second;
  }
  return std::nullopt;
}

void Passwords::Remember(const Digest& digest, bool is_right) {
  Memory& memory = is_right ? right_ : wrong_;
  if (!memory.answers.emplace(digest, is_right).second) return;
  memory.order.push_back(digest);
  if (memory.order.size() <= kMaxRemembered) return;
  memory.answers.erase(memory.order.front());
  memory.order.pop_front();
}

void Passwords::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const Question question = std::move(waiting_.front());
    waiting_.pop_front();
    std::optional<bool> is_right = Find(question.digest);
    lock.unlock();
    if (!is_right) is_right = IsBcryptOf(question.password, question.hash) && question.is_known;
    question.done(*is_right);
    lock.lock();
    Remember(question.digest, *is_right);
  }
}

}  // namespace backlogd::http
