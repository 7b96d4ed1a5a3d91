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
      gzip_seen_{kNever, kNever} {
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < clusters; ++i) places_.push_back({i, nullptr});
  PublishPage();
}

void PagePublisher::Publish(std::size_t cluster, std::shared_ptr<const Samples> samples) {
  MutexLock lock(mutex_);  // held to the end: pages are published in the order of what they show
  std::ranges::find(places_, cluster, &Place::cluster)->samples = std::move(samples);
  PublishPage();
  const auto has_samples = [](const Place& place) { return place.samples != nullptr; };
  complete_ = complete_ || std::ranges::all_of(places_, has_samples);
}

void PagePublisher::Arrange(std::span<const std::size_t> clusters) {
  MutexLock lock(mutex_);
  std::vector<Place> places;
  for (const std::size_t cluster : clusters) {
    const auto known = std::ranges::find(places_, cluster, &Place::cluster);
    places.push_back({cluster, known == places_.end() ? nullptr : known->samples});
  }
  places_ = std::move(places);
  PublishPage();
}

void PagePublisher::Refresh() {
  MutexLock lock(mutex_);
  PublishPage();
}

void PagePublisher::PublishPage() {
  std::vector<std::shared_ptr<const Samples>> parts;
  for (const Place& place : places_) {
    if (place.samples != nullptr) parts.push_back(place.samples);
  }
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
