// TensorBoard's event files: https://github.com/tensorflow/tensorflow, core/util/event.proto and
// core/framework/summary.proto.
//
// A file is a row of records: length (8 bytes), masked CRC-32C of those, the record, masked CRC-32C of it, all
// little-endian. A record is a protocol buffer `Event`; the first one says "brain.Event:2".
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/io/crc.hpp>
#include <ugatit/io/protobuf_writer.hpp>
#include <ugatit/io/text.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace ugatit {

/// A record as it stands in the file.
inline std::string event_record(const std::string& bytes) {
  std::string record;
  const auto append = [&record](auto number) {
    for (std::size_t i = 0; i < sizeof number; ++i) record += static_cast<char>(number >> (8 * i) & 0xffU);
  };
  append(std::uint64_t{bytes.size()});
  append(masked(crc32c(std::as_bytes(std::span(record)))));
  record += bytes;
  append(masked(crc32c(std::as_bytes(std::span(bytes)))));
  return record;
}

/// Numbers by the part of a range in which they lie: `counts[i]` of them are at most `limits[i]` and above the limit
/// before.
struct EventHistogram {
  std::vector<double> limits;  ///< upper limits, rising
  std::vector<double> counts;  ///< as many
  double least = 0;            ///< the smallest number
  double greatest = 0;         ///< the largest number
  double sum = 0;              ///< of all numbers
  double sum_of_squares = 0;   ///< of all numbers
};

/// The numbers in `bins` equal parts of [0, 1].
inline EventHistogram unit_histogram(std::span<const double> numbers, int bins) {
  EventHistogram histogram;
  for (int i = 1; i <= bins; ++i) histogram.limits.push_back(static_cast<double>(i) / bins);
  histogram.counts.resize(histogram.limits.size());
  bool is_first = true;
  for (const double x : numbers) {
    const auto bin = static_cast<int>(std::ceil(x * bins)) - 1;
    histogram.counts[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))] += 1;
    histogram.least = is_first ? x : std::min(histogram.least, x);
    histogram.greatest = is_first ? x : std::max(histogram.greatest, x);
    histogram.sum += x;
    histogram.sum_of_squares += x * x;
    is_first = false;
  }
  return histogram;
}

/// A file of events under construction; each event is on its way to the disk when the call returns.
class EventFile {
 public:
  /// Begins a file. What an earlier file of the same folder says of `first_step` and later is not shown any more.
  /// Throws `Error` where it cannot be written.
  EventFile(std::filesystem::path path, std::int64_t first_step) : path_(std::move(path)) {
    stream_.open(path_, std::ios::binary | std::ios::trunc);
    write(ProtobufMessage().text(3, "brain.Event:2"), 0);
    constexpr std::int64_t started = 1;
    write(ProtobufMessage().message(7, ProtobufMessage().number(1, started)), first_step);
  }

  /// One number.
  void scalar(const std::string& tag, double value, std::int64_t step) {
    summary(tag, ProtobufMessage().real(2, static_cast<float>(value)), step);
  }

  /// `bytes` are those of a PNG or JPEG file.
  void image(const std::string& tag, int width, int height, std::string_view bytes, std::int64_t step) {
    constexpr std::int64_t rgb = 3;
    ProtobufMessage image;
    image.number(1, height).number(2, width).number(3, rgb).text(4, bytes);
    summary(tag, ProtobufMessage().message(4, image), step);
  }

  /// Many numbers.
  void histogram(const std::string& tag, const EventHistogram& h, std::int64_t step) {
    double count = 0;
    for (const double in_bin : h.counts) count += in_bin;
    ProtobufMessage histogram;
    histogram.real(1, h.least).real(2, h.greatest).real(3, count).real(4, h.sum).real(5, h.sum_of_squares);
    histogram.reals(6, h.limits).reals(7, h.counts);
    summary(tag, ProtobufMessage().message(5, histogram), step);
  }

 private:
  void summary(const std::string& tag, const ProtobufMessage& value, std::int64_t step) {
    ProtobufMessage tagged;
    tagged.text(1, tag).append(value);
    write(ProtobufMessage().message(5, ProtobufMessage().message(1, tagged)), step);
  }

  void write(const ProtobufMessage& what, std::int64_t step) {
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    ProtobufMessage event;
    event.real(1, now.count()).number(2, step).append(what);
    const std::string record = event_record(event.bytes());
    stream_.write(record.data(), static_cast<std::streamsize>(record.size()));
    stream_.flush();
    if (!stream_) throw Error(one_line(path_) + " cannot be written to; is the disk full?");
  }

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace ugatit
