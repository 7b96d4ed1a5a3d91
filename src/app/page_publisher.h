#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "base/latest.h"
#include "base/mutex.h"
#include "exposition/page.h"
#include "exposition/self_metrics.h"
#include "snapshot/collector.h"

namespace backlogd::app {

// Makes the page that is served, out of the newest samples of each cluster and those of the program
// itself. There is one from the start. Thread-safe.
class PagePublisher {
 public:
  // Has places for clusters 0 to `clusters` - 1, which come on the page in this order.
  // A page is compressed while a client that takes gzip was seen less than `gzip_window` ago.
  // `metrics` must outlive the publisher.
  PagePublisher(std::size_t clusters, std::chrono::milliseconds gzip_window,
                const exposition::SelfMetrics& metrics, snapshot::SteadyClock clock);

  // A poll of this cluster has ended: makes and publishes a new page. REQUIRES: it has a place.
  // Waits for other clusters' pages to be made, never for a Kafka.
  void Publish(std::size_t cluster, std::shared_ptr<const exposition::Samples> samples);

  // From now on these clusters are on the page, in this order: those that stay keep what they show,
  // those that are new show nothing yet. Makes and publishes a new page.
  void Arrange(std::span<const std::size_t> clusters);
  // Makes and publishes a new page of what is known.
  void Refresh();

  // Never null, never waits.
  std::shared_ptr<const exposition::Page> page() const { return latest_.Get(); }
  // True once the first poll of every cluster has ended; from then on, whatever clusters come.
  bool complete() const { return complete_; }
  // A client that takes gzip asked for this format; the next pages will have it. Never waits.
  void NoteGzipClient(exposition::Format format);

 private:
  static constexpr std::int64_t kNever = -1;

  struct Place {
    std::size_t cluster = 0;
    std::shared_ptr<const exposition::Samples> samples;
  };

  void PublishPage() REQUIRES_LOCK(mutex_);
  bool GzipWanted(exposition::Format format) const;
  std::int64_t Now() const;

  const std::chrono::milliseconds gzip_window_;
  const exposition::SelfMetrics& metrics_;
  const snapshot::SteadyClock clock_;
  std::array<std::atomic<std::int64_t>, 2> gzip_seen_;  // by Format, in ms of the clock, or kNever
  std::atomic<bool> complete_ = false;
  Mutex mutex_;
  std::vector<Place> places_ GUARDED_BY(mutex_);
  Latest<exposition::Page> latest_;
};

}  // namespace backlogd::app
