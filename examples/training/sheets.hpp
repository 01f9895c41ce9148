// Sample sheets in the published arrangement: a column an image, and seven rows
//   input · map and result of the identity · map and result of the translation · map and result of the way back
#pragma once

#include "common/pictures.hpp"

#include <filesystem>
#include <vector>

namespace ugatit::examples {

/// The seven pictures of one image; `there` translates to the other domain, `back` from it.
template <class D>
std::vector<Image> sheet_column(D& dev, Network<D, 3>& there, Network<D, 3>& back, const Image& source) {
  const InMode<D> inference(dev, Mode::infer());
  const Images<D> x = to_device(dev, source);
  const auto same = back.forward(x);
  const auto translated = there.forward(x);
  const auto returned = back.forward(translated.image());
  std::vector<Image> column{source};
  for (const auto* pass : {&same, &translated, &returned}) {
    column.push_back(to_heat_picture(dev, pass->heat_map(), source.height, source.width));
    column.push_back(to_picture(dev, pass->image()));
  }
  return column;
}

/// The first `count` readable images of a folder, resized; none where the folder is missing or empty.
inline std::vector<Image> first_images(const std::filesystem::path& folder, std::size_t count, int size) {
  std::vector<Image> images;
  std::error_code missing;
  if (!std::filesystem::exists(folder, missing) || std::filesystem::is_empty(folder, missing)) return images;
  for (const std::filesystem::path& file : list_images(folder)) {
    if (images.size() == count) break;
    try {
      images.push_back(resize(read_image(file), size, size));
    } catch (const Error&) {
      // The loader names files that cannot be read; a sheet only takes the next one.
    }
  }
  return images;
}

}  // namespace ugatit::examples
