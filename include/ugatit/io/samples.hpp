// The endless sequence of training samples of one domain, each defined by its number alone.
//
// Sample k belongs to epoch e = k / count. The files are shuffled anew for each epoch with random numbers of (seed, e);
// flip and crop come from random numbers of (seed, k). Nothing else is remembered, so a training resumes at sample k
// exactly, however far a loader had read ahead.
#pragma once

#include <ugatit/io/augment.hpp>
#include <ugatit/io/dataset.hpp>
#include <ugatit/io/image_file.hpp>
#include <ugatit/io/pixels.hpp>

#include <functional>
#include <numeric>
#include <utility>

namespace ugatit {

/// What makes a sequence of samples.
struct SampleSettings {
  std::filesystem::path folder;  ///< its images, see `list_images`
  int size = 256;                ///< S: samples are [3, S, S]
  std::uint64_t seed = 0;        ///< of order and augmentation
  unsigned domain = 0;           ///< 0 for A, 1 for B: domains with one seed are shuffled independently
  bool augment = true;           ///< flip, resize to S + 30, crop; otherwise only resize to S
  bool shuffle = true;           ///< otherwise in name order, cycled
};

/// Gives sample k. A file that cannot be read is replaced by the next one in its epoch's order.
class Samples {
 public:
  /// Called with one line for each file that cannot be read, the first time it is met.
  using Warn = std::function<void(const std::string&)>;

  /// Lists the folder. Throws `Error` where it has no images.
  explicit Samples(SampleSettings settings)
      : settings_(std::move(settings)),
        files_(list_images(settings_.folder)),
        is_bad_(files_.size()),
        order_(files_.size()) {
    if (settings_.size < 1) throw Error("an image size of " + std::to_string(settings_.size) + " makes no sense");
    set_epoch(0);
  }

  const SampleSettings& settings() const { return settings_; }  ///< as they were given
  /// How many files there are, readable or not.
  std::size_t file_count() const { return files_.size(); }
  /// How many numbers a sample has: 3 · S · S.
  std::size_t sample_size() const { return std::size_t{3} * side() * side(); }

  /// Writes sample `k` as [3, S, S] in [-1, 1]. Throws `Error` where no file of the folder can be read.
  template <std::floating_point T>
  void get(std::uint64_t k, std::span<T> out, const Warn& warn) {
    const Image image = read(k, warn);
    Random random(settings_.seed, augment_stream + settings_.domain, k);
    to_chw(settings_.augment ? augment(image, settings_.size, random) : resize(image, settings_.size, settings_.size),
           out);
  }

 private:
  // Streams of random numbers: one a purpose and domain, far from the small numbers that others use.
  static constexpr std::uint64_t shuffle_stream = 0x53480000;
  static constexpr std::uint64_t augment_stream = 0x41550000;

  std::size_t side() const { return static_cast<std::size_t>(settings_.size); }

  Image read(std::uint64_t k, const Warn& warn) {
    const std::uint64_t count = files_.size();
    if (k / count != epoch_) set_epoch(k / count);
    for (std::uint64_t attempt = 0; attempt < count; ++attempt) {
      const std::size_t file = order_[static_cast<std::size_t>((k + attempt) % count)];
      if (is_bad_[file]) continue;
      try {
        return read_image(files_[file]);
      } catch (const Error& error) {
        is_bad_[file] = true;
        if (warn) warn(std::string("skipped: ") + error.what());
      }
    }
    throw Error(one_line(settings_.folder) + " has no readable image; put JPEG, PNG, BMP, TGA or PNM files there");
  }

  void set_epoch(std::uint64_t epoch) {
    epoch_ = epoch;
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (!settings_.shuffle) return;
    Random random(settings_.seed, shuffle_stream + settings_.domain, epoch);
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1], order_[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    }
  }

  SampleSettings settings_;
  std::vector<std::filesystem::path> files_;
  std::vector<bool> is_bad_;        // by file: could not be read
  std::vector<std::size_t> order_;  // of the files in epoch_
  std::uint64_t epoch_ = 0;
};

}  // namespace ugatit
