// Contact sheets: a grid of equally large images, one column a sample, one row a kind of picture.
#pragma once

#include <ugatit/io/image.hpp>

namespace ugatit {

/// Arranges `columns[sample][kind]` as the published code does: samples from left to right, kinds from top to bottom.
/// Throws `Error` where there is nothing to show, or images or columns differ in size.
inline Image contact_sheet(const std::vector<std::vector<Image>>& columns) {
  if (columns.empty() || columns.front().empty()) throw Error("a contact sheet without images cannot be drawn");
  const Image& tile = columns.front().front();
  const std::size_t rows = columns.front().size();
  Image sheet(tile.width * static_cast<int>(columns.size()), tile.height * static_cast<int>(rows));
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if (columns[column].size() != rows) throw Error("the columns of a contact sheet must have equally many images");
    for (std::size_t row = 0; row < rows; ++row) {
      const Image& image = columns[column][row];
      if (image.width != tile.width || image.height != tile.height) {
        throw Error("the images of a contact sheet must have one size, not " + std::to_string(tile.width) + "x" +
                    std::to_string(tile.height) + " and " + std::to_string(image.width) + "x" +
                    std::to_string(image.height));
      }
      for (int y = 0; y < tile.height; ++y) {
        std::copy_n(image.at(0, y), 3 * tile.width,
                    sheet.at(static_cast<int>(column) * tile.width, static_cast<int>(row) * tile.height + y));
      }
    }
  }
  return sheet;
}

}  // namespace ugatit
