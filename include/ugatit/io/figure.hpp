// Figures as papers have them: a row an image, a column a kind of picture, a label above each column, on white.
#pragma once

#include <ugatit/io/lettering.hpp>

namespace ugatit {

/// Arranges `rows[image][kind]` below `labels[kind]`, whose lines are parted by '\n'. Letters and gaps grow with the
/// pictures. Throws `Error` where there is nothing to show, pictures differ in size, or a row has not one picture for
/// each label.
inline Image labelled_figure(const std::vector<std::string>& labels, const std::vector<std::vector<Image>>& rows) {
  if (labels.empty() || rows.empty() || rows.front().empty()) throw Error("a figure without images cannot be drawn");
  const int width = rows.front().front().width;
  const int height = rows.front().front().height;
  const int scale = std::max(1, width / 128);
  const int gap = 4 * scale;
  int label_height = 0;
  for (const std::string& label : labels) label_height = std::max(label_height, text_height(label, scale));
  const auto left = [&](std::size_t column) { return gap + static_cast<int>(column) * (width + gap); };
  const auto top = [&](std::size_t row) { return 2 * gap + label_height + static_cast<int>(row) * (height + gap); };

  Image figure(left(labels.size()), top(rows.size()));
  std::ranges::fill(figure.pixels, std::uint8_t{255});
  for (std::size_t column = 0; column < labels.size(); ++column) {
    const int centred = left(column) + std::max(0, (width - text_width(labels[column], scale)) / 2);
    draw_text(figure, centred, gap, labels[column], {0, 0, 0}, scale);
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].size() != labels.size()) throw Error("each row of a figure must have one image for each label");
    for (std::size_t column = 0; column < labels.size(); ++column) {
      const Image& image = rows[row][column];
      if (image.width != width || image.height != height) {
        throw Error("the images of a figure must have one size, not " + std::to_string(width) + "x" +
                    std::to_string(height) + " and " + std::to_string(image.width) + "x" +
                    std::to_string(image.height));
      }
      for (int y = 0; y < height; ++y) std::copy_n(image.at(0, y), 3 * width, figure.at(left(column), top(row) + y));
    }
  }
  return figure;
}

}  // namespace ugatit
