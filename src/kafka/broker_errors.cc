#include "kafka/broker_errors.h"

#include <charconv>

#include "kafka/error_mapping.h"

namespace backlogd::kafka {

BrokerId BrokerIn(std::string_view reason) {
  const std::string_view name = reason.substr(0, reason.find(": "));
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return kNoBroker;
  const std::string_view digits = name.substr(slash + 1);
  BrokerId broker = kNoBroker;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), broker);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && broker >= 0 ? broker : kNoBroker;
}

namespace {

constexpr std::string_view kHangUp =
    ": they hang up at once; does security.protocol fit their listener?";

// librdkafka's alias connection to a broker that is known by its own name too.
bool IsAlias(std::string_view reason) { return reason.starts_with("GroupCoordinator: "); }

// A broker that does not accept our certificate says so by an alert, when the handshake is over.
bool IsRefusedCertificate(std::string_view reason) {
  return reason.find("SSL alert number ") != std::string_view::npos;
}

// "... failed: Connection refused (after 0ms in state CONNECT)": how long it took differs each
// time, and a message that repeats must stay the same.
std::string_view WithoutState(std::string_view reason) {
  return reason.substr(0, reason.find(" (after "));
}

}  // namespace

void BrokerErrors::Note(rd_kafka_resp_err_t code, std::string_view reason) {
  Trouble trouble{KindOf(code), std::string(WithoutState(reason))};
  if (IsRefusedCertificate(reason)) trouble.kind = ErrorKind::kAuthentication;
  // Nothing was said of a connection that was refused: so brokers accept, and hang up.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) trouble.reason += kHangUp;
  if (trouble.kind != ErrorKind::kAuthentication && trouble.kind != ErrorKind::kUnreachable) return;
  const BrokerId broker = BrokerIn(reason);
  if (broker != kNoBroker) brokers_[broker] = trouble;
  // "all brokers are down" is a consequence: the reason noted before says more. And refused
  // credentials show as a closed connection too.
  const bool says_less = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || IsAlias(reason) ||
                         (cluster_ && cluster_->kind == ErrorKind::kAuthentication &&
                          trouble.kind != ErrorKind::kAuthentication);
  if (!cluster_ || !says_less) cluster_ = std::move(trouble);
}

void BrokerErrors::Forget(BrokerId broker) {
  if (broker == kNoBroker) {
    cluster_.reset();
  } else {
    brokers_.erase(broker);
  }
}

const BrokerErrors::Trouble* BrokerErrors::Find(BrokerId broker) const {
  if (broker == kNoBroker) return cluster_ ? &*cluster_ : nullptr;
  const auto found = brokers_.find(broker);
  return found == brokers_.end() ? nullptr : &found->second;
}

Error BrokerErrors::Explain(BrokerId broker, Error error) const {
  if (error.kind != ErrorKind::kTimeout && error.kind != ErrorKind::kUnreachable) return error;
  const Trouble* trouble = Find(broker);
  if (trouble == nullptr) return error;
  return Error{trouble->kind, std::move(error.message) + " (" + trouble->reason + ")"};
}

}  // namespace backlogd::kafka
