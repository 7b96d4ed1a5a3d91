#include "kafka/library_memory.h"

#include <gtest/gtest.h>

namespace backlogd::kafka {
namespace {

TEST(LibraryMemory, LetsOurOwnLineTellTheTroubleOfAConnection) {
  const struct {
    int syslog_level;
    const char* facility;
    const char* message;
    LogLevel level;
  } cases[] = {
      {3, "FAIL", "a:1/2: Connection refused", LogLevel::kDebug},
      {3, "OIDC", "Failed to retrieve OIDC token", LogLevel::kDebug},
      {3, "SSLCERTVRFY", "a:1/2: Certificate verification failed", LogLevel::kDebug},
      {6, "BGQUEUE", "Purging 1 unserved events", LogLevel::kDebug},
      {0, "BGQUEUE", "Failed to create background thread", LogLevel::kError},
      // What each fresh handle says is told once.
      {4, "CONFWARN", "Configuration property x is deprecated", LogLevel::kWarning},
      {4, "CONFWARN", "Configuration property x is deprecated", LogLevel::kDebug},
      {4, "CONFWARN", "Configuration property y is deprecated", LogLevel::kWarning},
      {3, "SASLREFRESH", "Kerberos ticket refresh failed: exited with code 1", LogLevel::kWarning},
      {3, "SASLREFRESH", "Kerberos ticket refresh failed: exited with code 1", LogLevel::kDebug},
      {4, "SASLREFRESH", "Slow Kerberos ticket refresh: 6001ms", LogLevel::kWarning},
      {4, "SASLREFRESH", "Slow Kerberos ticket refresh: 5302ms", LogLevel::kDebug},
      {7, "CONFWARN", "for debugging", LogLevel::kDebug},
      // All else is as loud as librdkafka means it.
      {4, "REQTMOUT", "a:1/2: Timed out 1 in-flight", LogLevel::kWarning},
      {4, "REQTMOUT", "a:1/2: Timed out 1 in-flight", LogLevel::kWarning},
      {6, "REQTMOUT", "x", LogLevel::kInfo},
      {7, "BROKER", "x", LogLevel::kDebug},
  };
  LibraryMemory memory;
  for (const auto& c : cases) {
    EXPECT_EQ(memory.LevelOf(c.syslog_level, c.facility, c.message), c.level) << c.message;
  }
}

TEST(LibraryMemory, TellsWhatIsWrongWithACertificateInPlaceOfGuesses) {
  const std::string guess =
      "ssl://a:1/bootstrap: SSL handshake failed: certificate verify failed: broker certificate "
      "could not be verified, verify that ssl.ca.location is correctly configured (after 3ms in "
      "state SSL_HANDSHAKE)";
  LibraryMemory memory;
  EXPECT_EQ(memory.WithCertificate(guess), guess);
  EXPECT_EQ(memory.NoteCertificate("a:1", 10), "expired");
  memory.NoteCertificate("a:11", 23);
  EXPECT_EQ(memory.WithCertificate(guess),
            "ssl://a:1/bootstrap: SSL handshake failed: certificate verify failed: the broker's "
            "certificate is expired");
  EXPECT_EQ(memory.WithCertificate("ssl://a:1/bootstrap: Disconnected"),
            "ssl://a:1/bootstrap: Disconnected");
}

TEST(LibraryMemory, TellsThatTheBrokerDoesNotTrustOurCertificate) {
  const std::string alert = "ssl://a:1/bootstrap: Receive failed: SSL alert number 42";
  LibraryMemory memory;
  EXPECT_EQ(memory.WithCertificate(alert), alert);
  EXPECT_EQ(memory.LevelOf(4, "SSL", "No matching issuer found in server trusted authorities"),
            LogLevel::kDebug);
  const std::string cause = ": the broker trusts no authority that signed our certificate";
  EXPECT_EQ(memory.WithCertificate(alert), alert + cause);
  EXPECT_EQ(memory.WithCertificate(alert + " (after 3ms)"), alert + cause + " (after 3ms)");
  memory.BeginHandle("");
  EXPECT_EQ(memory.WithCertificate(alert), alert) << "it may have another certificate";
}

TEST(LibraryMemory, KnowsWhetherTheLastHandleStillWaits) {
  LibraryMemory memory;
  EXPECT_FALSE(memory.waiting());
  memory.BeginHandle("no token");
  ASSERT_TRUE(memory.waiting());
  EXPECT_EQ(memory.waiting()->awaited, "no token");
  memory.NoteSocket();
  EXPECT_FALSE(memory.waiting());
  memory.BeginHandle("no token");
  EXPECT_TRUE(memory.waiting());
  memory.BeginHandle("");
  EXPECT_FALSE(memory.waiting());
}

}  // namespace
}  // namespace backlogd::kafka
