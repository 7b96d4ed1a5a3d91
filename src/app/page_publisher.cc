#include "app/page_publisher.h"

#include <algorithm>
#include <utility>

#include "app/process_sample.h"

namespace backlogd::app {

using exposition::Format;
using exposition::Page;
using exposition::Samples;

PagePublisher::PagePublisher(std::size_t clusters, std::chrono::milliseconds gzip_window,
                             const exposition::SelfMetrics& metrics, snapshot::SteadyClock clock)
    : gzip_window_(gzip_window),
      metrics_(metrics),
      clock_(std::move(clock)),
      gzip_seen_{kNever, kNever},
      clusters_(clusters) {
  MutexLock lock(mutex_);
  PublishPage();
}

void PagePublisher::Publish(std::size_t cluster, std::shared_ptr<const Samples> samples) {
  MutexLock lock(mutex_);  // held to the end: pages are published in the order of what they show
  clusters_[cluster] = std::move(samples);
  PublishPage();
  complete_ = std::all_of(clusters_.begin(), clusters_.end(),
                          [](const auto& part) { return part != nullptr; });
}

void PagePublisher::PublishPage() {
  std::vector<std::shared_ptr<const Samples>> parts;
  std::copy_if(clusters_.begin(), clusters_.end(), std::back_inserter(parts),
               [](const auto& part) { return part != nullptr; });
  parts.push_back(metrics_.Render(ReadProcessSample(), parts));
  auto page = std::make_shared<Page>(std::move(parts));
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    if (GzipWanted(format)) page->Compress(format);
  }
  latest_.Publish(std::move(page));
}

void PagePublisher::NoteGzipClient(Format format) {
  gzip_seen_[static_cast<std::size_t>(format)] = Now();
}

bool PagePublisher::GzipWanted(Format format) const {
  const std::int64_t seen = gzip_seen_[static_cast<std::size_t>(format)];
  return seen != kNever && Now() - seen < gzip_window_.count();
}

std::int64_t PagePublisher::Now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_().time_since_epoch()).count();
}

}  // namespace backlogd::app
