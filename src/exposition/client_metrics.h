#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/render.h"

// prometheus-cpp's collected values as our sample lines. Private to exposition.
namespace backlogd::exposition {

// By name as in the catalog.
using ClientFamilies = std::map<std::string, prometheus::MetricFamily, std::less<>>;

// Adds the metrics of `collected` to the families of their names.
void Merge(std::vector<prometheus::MetricFamily> collected, ClientFamilies& into);
void AddGauge(std::string_view name, std::vector<prometheus::ClientMetric::Label> labels,
              double value, ClientFamilies& to);

// Number of sample lines of a family.
std::size_t CountSeries(const prometheus::MetricFamily& family);

// REQUIRES: every family is in the catalog, with its labels and type
void WriteFamilies(const ClientFamilies& families, Samples& out);

}  // namespace backlogd::exposition
