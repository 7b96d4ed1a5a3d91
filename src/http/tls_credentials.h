#pragma once

#include <gnutls/gnutls.h>

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/web_config.h"

// Private to the room.
namespace backlogd::http {

// `tls` in the words of GnuTLS ("NORMAL:-VERS-ALL:+VERS-TLS1.3:..."). Throws config::ConfigError
// about a cipher suite or curve that is not known, or that GnuTLS cannot allow without another.
std::string PriorityOf(const config::WebTls& tls);

// Certificate, key, and what is asked of clients: for many sessions at once. Thread-safe.
class TlsCredentials {
 public:
  // Throws config::ConfigError; never quotes certificate or key.
  explicit TlsCredentials(const config::WebTls& tls);
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  // REQUIRES: its handshake has not begun; this outlives it
  bool Apply(gnutls_session_t session) const;

 private:
  struct Free {
    void operator()(gnutls_certificate_credentials_t credentials) const {
      gnutls_certificate_free_credentials(credentials);
    }
    void operator()(gnutls_priority_t priority) const { gnutls_priority_deinit(priority); }
  };
  template <typename Handle>
  using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Free>;

  static int VerifyClient(gnutls_session_t session);
  bool IsWelcome(gnutls_session_t session) const;

  Owned<gnutls_certificate_credentials_t> credentials_;
  Owned<gnutls_priority_t> priority_;
  gnutls_certificate_request_t request_ = GNUTLS_CERT_IGNORE;
  bool verify_ = false;
  std::vector<std::string> allowed_sans_;
};

}  // namespace backlogd::http
