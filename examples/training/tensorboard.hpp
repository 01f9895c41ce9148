// --tensorboard: what losses.csv, metrics.csv, rho.csv and the sheets say, as TensorBoard's event files.
#pragma once

#include "rho.hpp"

#include <ugatit/io/event_file.hpp>
#include <ugatit/io/file.hpp>
#include <ugatit/io/image.hpp>

#include <ctime>
#include <memory>
#include <unistd.h>

namespace ugatit::examples {

class TensorBoard {
 public:
  /// Files go to `folder`. A training of `done` iterations goes on in a new one; at 0, older files are removed.
  TensorBoard(const std::filesystem::path& folder, Index done) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw Error(one_line(folder) + " cannot be made: " + error.message() + "; give another --result_dir");
    if (done == 0) {
      for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix)) std::filesystem::remove(entry.path(), error);
      }
    }
    // TensorBoard reads the files of a folder in the order of their names.
    char name[96];
    std::snprintf(name, sizeof name, "%s%010lld.%lld", prefix, static_cast<long long>(std::time(nullptr)),
                  static_cast<long long>(::getpid()));
    file_ = std::make_unique<EventFile>(folder / name, done + 1);
  }

  void scalars(const std::string& group, const std::vector<std::string>& names, const std::vector<double>& values,
               Index iteration) {
    for (std::size_t i = 0; i < names.size(); ++i) file_->scalar(group + "/" + names[i], values[i], iteration);
  }

  void histograms(const std::vector<std::string>& names, const std::vector<std::vector<double>>& rho, Index iteration) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      file_->histogram("rho/" + names[i], unit_histogram(rho[i], static_cast<int>(rho_bins)), iteration);
    }
  }

  /// `png` is the file that `image` was written to.
  void sheet(const std::string& direction, const Image& image, const std::filesystem::path& png, Index iteration) {
    const std::vector<std::byte> bytes = read_file(png);
    file_->image("sheet/" + direction, image.width, image.height,
                 {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, iteration);
  }

 private:
  static constexpr const char* prefix = "events.out.tfevents.";

  std::unique_ptr<EventFile> file_;
};

}  // namespace ugatit::examples
