#include "app/client_slot.h"

#include <utility>

namespace backlogd::app {

ClientSlot::ClientSlot(std::unique_ptr<kafka::KafkaClient> client) : client_(std::move(client)) {}

kafka::KafkaClient* ClientSlot::client() {
  MutexLock lock(mutex_);
  return client_.get();
}

void ClientSlot::Replace(std::unique_ptr<kafka::KafkaClient> client) {
  MutexLock lock(mutex_);
  if (interrupted_ && client) client->Interrupt();
  client_.swap(client);  // the parameter dies after the lock is released
}

void ClientSlot::Interrupt() {
  MutexLock lock(mutex_);
  interrupted_ = true;
  if (client_) client_->Interrupt();
}

bool ClientSlot::interrupted() {
  MutexLock lock(mutex_);
  return interrupted_;
}

}  // namespace backlogd::app
