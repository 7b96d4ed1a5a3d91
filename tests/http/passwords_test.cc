#include "http/passwords.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "http/gate.h"
#include "http/tls_credentials.h"

namespace backlogd::http {
namespace {

using namespace std::chrono_literals;

const std::string kHash =
    "$2y$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";  // of "hunter2"

TEST(Passwords, ReadTheHeader) {
  const std::pair<std::string, std::string> good[] = {{"Basic Ym9iOmh1bnRlcjI=", "bob|hunter2"},
                                                      {"bAsIc   Ym9iOmh1bnRlcjI=", "bob|hunter2"},
                                                      {"Basic Og==", "|"},
                                                      {"Basic OmE6Yg==", "|a:b"}};
  for (const auto& [header, expected] : good) {
    const auto login = ParseBasic(header);
    ASSERT_TRUE(login) << header;
    EXPECT_EQ(login->user + "|" + login->password, expected);
  }
  const std::string bad[] = {"",
                             "Basic",
                             "Basic ",
                             "BasicYm9iOmh1bnRlcjI=",
                             "Bearer Ym9iOmh1bnRlcjI=",
                             "Basic Ym9i",
                             "Basic Ym9iOmh1bnRlcjI",
                             "Basic Ym9iOm=h1bn",
                             "Basic ====",
                             "Basic " + std::string(4000, 'A')};
  for (const std::string& header : bad) EXPECT_FALSE(ParseBasic(header)) << header;
}

TEST(Passwords, CompareWithBcrypt) {
  EXPECT_TRUE(IsBcryptOf("hunter2", kHash));
  EXPECT_FALSE(IsBcryptOf("hunter3", kHash));
  EXPECT_FALSE(IsBcryptOf(std::string("hunter2\0x", 9), kHash));
  EXPECT_FALSE(IsBcryptOf("", kHash));
  EXPECT_FALSE(IsBcryptOf(std::string(5000, 'x'), kHash));
  // The toolkit's own.
  EXPECT_TRUE(
      IsBcryptOf("fakepassword", "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"));
}

TEST(Passwords, AreRemembered) {
  Passwords passwords;
  const Passwords::Users users = {{"bob", kHash}};
  for (const auto& [login, expected] :
       {std::pair(Login{"bob", "hunter2"}, true), std::pair(Login{"bob", "hunter3"}, false),
        std::pair(Login{"carol", "hunter2"}, false)}) {
    EXPECT_FALSE(passwords.Recall(login, users));
    std::promise<bool> answer;
    ASSERT_TRUE(passwords.Ask(login, users, [&](bool right) { answer.set_value(right); }));
    EXPECT_EQ(answer.get_future().get(), expected);
  }
  while (!passwords.Recall({"carol", "hunter2"}, users)) std::this_thread::yield();
  EXPECT_EQ(passwords.Recall({"bob", "hunter2"}, users), true);
  EXPECT_EQ(passwords.Recall({"bob", "hunter3"}, users), false);
  EXPECT_FALSE(passwords.Recall({"bob", "hunter2"}, {{"bob", kHash + "x"}})) << "another hash";
}

TEST(Passwords, AreNotAskedWithoutEnd) {
  Passwords passwords;
  const Passwords::Users users = {{"bob", "$2y$12$" + kHash.substr(7)}};
  std::atomic<int> answered = 0;
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    if (passwords.Ask({"bob", std::to_string(i)}, users, [&](bool) { ++answered; })) ++taken;
  }
  EXPECT_LT(taken, 30);
  passwords.End();
  EXPECT_EQ(answered, taken);
  EXPECT_FALSE(passwords.Ask({"bob", "a"}, users, [](bool) {}));
}

TEST(TokenBucket, FillsOneAnInterval) {
  TokenBucket bucket;
  const config::RateLimit limit{100ms, 2};
  const TokenBucket::Clock::time_point start;
  const std::pair<std::chrono::milliseconds, bool> steps[] = {
      {0ms, true},    {0ms, true},     {0ms, false},    {99ms, false},   {101ms, true},
      {102ms, false}, {10000ms, true}, {10000ms, true}, {10000ms, false}};
  for (const auto& [at, taken] : steps) EXPECT_EQ(bucket.Take(limit, start + at), taken);
  EXPECT_TRUE(bucket.Take({}, start));
}

TEST(TlsPriority, AllowsWhatIsAskedAndNoMore) {
  config::WebTls tls;
  EXPECT_EQ(PriorityOf(tls), "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE");
  tls.min_version = config::TlsVersion::kTls13;
  tls.prefer_server_cipher_suites = false;
  tls.curve_preferences = {"X25519", "CurveP256"};
  EXPECT_EQ(PriorityOf(tls),
            "NORMAL:-VERS-ALL:+VERS-TLS1.3:-RSA:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1");
  tls.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                       "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
  EXPECT_THROW(PriorityOf(tls), config::ConfigError);  // they would allow two more
  tls.cipher_suites.push_back("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  tls.cipher_suites.push_back("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  EXPECT_NE(PriorityOf(tls).find("+ECDHE-RSA:+ECDHE-ECDSA:+AES-256-GCM:+AES-128-GCM:+AEAD"),
            std::string::npos);
}

TEST(TlsPriority, NamesASuiteThatIsNotKnownButNothingElse) {
  const std::pair<const char*, const char*> cases[] = {
      {"TLS_RSA_WITH_AES_128_GCM_SHA256", "holds TLS_RSA_WITH_AES_128_GCM_SHA256 that is not"},
      {"-----BEGIN PRIVATE KEY-----", "holds a name that is not"},
      {"TLS_secret", "holds a name that is not"}};
  for (const auto& [name, expected] : cases) {
    config::WebTls tls;
    tls.cipher_suites = {name};
    try {
      PriorityOf(tls);
      ADD_FAILURE() << name;
    } catch (const config::ConfigError& error) {
      EXPECT_TRUE(error.problem().starts_with(expected)) << error.what();
    }
  }
}

}  // namespace
}  // namespace backlogd::http
