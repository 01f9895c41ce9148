// Image files of all formats, whole, cut and damaged.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/image_file.hpp>

#include <array>

using namespace ugatit;
using namespace std::string_literals;

namespace {

Image decode(std::span<const std::byte> bytes) {
  return decode_image(bytes, "picture");
}
Image decode(const std::string& text) {
  return decode(bytes_of(text));
}

Image grey_pattern() {
  Image image = pattern();
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) image.pixels[i + 1] = image.pixels[i + 2] = image.pixels[i];
  return image;
}

/// The pattern on white paper, with the alpha 25 y that make_images.py gives it.
Image on_white(Image image) {
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double alpha = 25.0 * y / 255;
        std::uint8_t& value = image.at(x, y)[c];
        value = static_cast<std::uint8_t>(value * alpha + 255 * (1 - alpha) + 0.5);
      }
    }
  }
  return image;
}

const std::array<const char*, 16> all_files{"rgb.png",     "grey.png",  "alpha.png",       "grey_alpha.png",
                                            "palette.png", "rgb16.png", "grey16.png",      "interlaced.png",
                                            "rgb.jpg",     "grey.jpg",  "progressive.jpg", "rgb.bmp",
                                            "palette.bmp", "rgb.tga",   "rle.tga",         "grey.tga"};

}  // namespace

TEST_CASE("Lossless formats give the exact pixels", "[io][image]") {
  for (const char* name :
       {"rgb.png", "palette.png", "rgb16.png", "interlaced.png", "rgb.bmp", "palette.bmp", "rgb.tga", "rle.tga"}) {
    CAPTURE(name);
    CHECK(read_image(golden(name)) == pattern());
  }
  for (const char* name : {"grey.png", "grey16.png", "grey.tga"}) {
    CAPTURE(name);
    CHECK(read_image(golden(name)) == grey_pattern());
  }
}

TEST_CASE("JPEG comes close to the original", "[io][image]") {
  CHECK(distance(read_image(golden("rgb.jpg")), pattern()) <= 8);
  CHECK(distance(read_image(golden("progressive.jpg")), pattern()) <= 8);
  CHECK(distance(read_image(golden("grey.jpg")), grey_pattern()) <= 8);
}

TEST_CASE("JPEG gives the numbers that libjpeg gives", "[io][image]") {
  for (const std::string& name : {"photo"s, "photo_progressive"s, "rgb"s, "grey"s}) {
    CAPTURE(name);
    CHECK(distance(read_image(golden(name + ".jpg")), read_image(golden(name + "_by_libjpeg.png"))) == 0);
  }
}

TEST_CASE("Alpha is composited on white", "[io][image]") {
  CHECK(distance(read_image(golden("alpha.png")), on_white(pattern())) == 0);
  CHECK(distance(read_image(golden("grey_alpha.png")), on_white(grey_pattern())) == 0);
}

TEST_CASE("PNM is read in all its kinds", "[io][image]") {
  const std::vector<std::uint8_t> two{255, 255, 255, 0, 0, 0};
  CHECK(decode("P1 2 1\n0 1\n").pixels == two);
  CHECK(decode("P1\n# no space between bits\n2 1 01").pixels == two);
  CHECK(decode("P4 2 1\n\x40"s).pixels == two);
  CHECK(decode("P2 2 1 15 15 0").pixels == two);
  CHECK(decode("P5 2 1 255\n\xff\0"s).pixels == two);
  CHECK(decode("P5 2 1 65535\n\xff\xff\0\xff"s).pixels == two);
  CHECK(decode("P3 # plain\n1 1 255 10 20 30").pixels == std::vector<std::uint8_t>{10, 20, 30});
  CHECK(decode("P6 1 1 255\n\x0a\x14\x1e"s).pixels == std::vector<std::uint8_t>{10, 20, 30});
  CHECK(decode("P6 1 1 100\n\0\x32\x64"s).pixels == std::vector<std::uint8_t>{0, 128, 255});

  for (const std::string& bad : {"P6 1 1 255\n\x0a"s, "P5 2"s, "P2 2 1 15 15"s, "P1 9 9 1"s}) {
    CAPTURE(bad);
    CHECK(contains(error_of([&] { decode(bad); }), "is truncated"));
  }
  for (const std::string& bad : {"P2 2 1 15 x y"s, "P5 0 4 255\n"s, "P5 1 1 70000\n12"s, "P1 2 1 0 7"s,
                                 "P5 99999999 9 1\n"s, "P6 16777216 16777216 255\nxxx"s}) {
    CAPTURE(bad);
    CHECK(!error_of([&] { decode(bad); }).empty());
  }
}

TEST_CASE("All eight orientations show the stored corner where Exif says", "[io][image]") {
  // For each orientation, the visible side of the stored first row and of the stored first column (Exif 2.3, 4.6.4).
  enum Side { top, bottom, left, right };
  constexpr Side row_side[] = {top, top, bottom, bottom, left, right, right, left};
  constexpr Side column_side[] = {left, right, right, left, top, top, bottom, bottom};
  const Image stored = pattern();

  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Image seen = apply_orientation(stored, orientation);
    const bool is_turned = orientation > 4;
    REQUIRE(seen.width == (is_turned ? stored.height : stored.width));
    REQUIRE(seen.height == (is_turned ? stored.width : stored.height));
    const Side row = row_side[orientation - 1];
    const Side column = column_side[orientation - 1];
    // The pixel in stored column 3, row 2 is 2 away from the first row's side and 3 from the first column's.
    const auto place = [&](Side side, int away, int size) {
      return side == left || side == top ? away : size - 1 - away;
    };
    const int x = is_turned ? place(row, 2, seen.width) : place(column, 3, seen.width);
    const int y = is_turned ? place(column, 3, seen.height) : place(row, 2, seen.height);
    CHECK(seen.at(x, y)[0] == stored.at(3, 2)[0]);
    CHECK(seen.at(x, y)[1] == stored.at(3, 2)[1]);
  }
}

TEST_CASE("A JPEG's orientation is applied, and a damaged Exif block is passed over", "[io][image]") {
  const auto plain = read_file(golden("rgb.jpg"));
  const auto with_exif = [&](const std::string& tiff) {
    const std::string body = "Exif\0\0"s + tiff;
    const std::size_t length = body.size() + 2;
    const std::string segment = "\xff\xe1"s + static_cast<char>(length >> 8U) + static_cast<char>(length & 255U) + body;
    std::vector<std::byte> bytes(plain.begin(), plain.begin() + 2);
    for (const char c : segment) bytes.push_back(static_cast<std::byte>(c));
    bytes.insert(bytes.end(), plain.begin() + 2, plain.end());
    return bytes;
  };
  const Image upright = decode(plain);

  const std::string little = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s;
  const std::string big = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"s;
  CHECK(decode(with_exif(little)) == apply_orientation(upright, 6));
  CHECK(decode(with_exif(big)) == apply_orientation(upright, 8));

  for (const std::string& bad : {""s, "II"s, "II*\0\xff\xff\xff\xff"s, "II*\0\x08\0\0\0\xff\xff"s, "XX*\0\x08\0\0\0"s,
                                 "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0"s, little.substr(0, 15)}) {
    CHECK(decode(with_exif(bad)) == upright);
  }
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 500; ++i) {
    const int orientation = exif_orientation(damaged(with_exif(big), random));
    CHECK((orientation >= 1 && orientation <= 8));
  }
}

TEST_CASE("What is no image says so", "[io][image]") {
  const TemporaryFolder folder;
  put(folder / "text.png", "This is a text file that is long enough to have room for any header at all.\n");
  CHECK(contains(error_of([&] { read_image(folder / "text.png"); }), "text.png is not an image"));
  put(folder / "empty.jpg", "");
  CHECK(contains(error_of([&] { read_image(folder / "empty.jpg"); }), "empty.jpg is empty"));
  put(folder / "zeros.tga", std::string(100, '\0'));
  CHECK(contains(error_of([&] { read_image(folder / "zeros.tga"); }), "is not an image"));
  put(folder / "bm.txt", "BM is how this sentence begins, and still it is not a bitmap.");
  CHECK(contains(error_of([&] { read_image(folder / "bm.txt"); }), "is not an image"));
  put(folder / "a.webp", "RIFF1234WEBPVP8 ");
  CHECK(contains(error_of([&] { read_image(folder / "a.webp"); }), "is a WebP image"));
  CHECK(contains(error_of([&] { read_image(folder / "missing.png"); }), "does not exist"));

  std::filesystem::copy_file(golden("rgb.jpg"), folder / "really_a_jpeg.png");
  CHECK(read_image(folder / "really_a_jpeg.png") == read_image(golden("rgb.jpg")));
}

TEST_CASE("An image that ends too early is an error wherever it is cut", "[io][image]") {
  for (const char* name : all_files) {
    const auto whole = read_file(golden(name));
    // Pillow ends a TGA file with a footer of 26 bytes that nobody needs.
    const bool is_tga = std::string(name).ends_with(".tga");
    for (std::size_t size = 0; size < whole.size() - (is_tga ? 26 : 0); ++size) {
      CAPTURE(name, size);
      const std::string error = error_of([&] { decode(std::span(whole).first(size)); });
      CHECK(!error.empty());
      if (size > 60 && size > whole.size() / 2) CHECK(contains(error, "is truncated"));
    }
  }
}

TEST_CASE("A damaged image is read or refused, never more", "[io][image]") {
  // For one in about a million damaged JPEG files stb shifts a number by more than its width, to no effect.
  const std::uint32_t seed = lenient_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const char* name : all_files) {
    CAPTURE(name);
    const auto whole = read_file(golden(name));
    for (int i = 0; i < 300; ++i) {
      const auto bytes = damaged(whole, random);
      const std::string error = error_of([&] { decode(bytes); });
      CHECK(error.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("Every altered byte of a PNG file is noticed", "[io][image]") {
  for (const char* name : {"rgb.png", "palette.png"}) {
    const auto whole = read_file(golden(name));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      CAPTURE(name, at);
      auto bytes = whole;
      bytes[at] ^= std::byte{0x10};
      CHECK(!error_of([&] { decode(bytes); }).empty());
    }
  }
}

TEST_CASE("JPEG tables that stb would trust are checked", "[io][image]") {
  const auto whole = read_file(golden("rgb.jpg"));
  const auto first_table = [](const std::vector<std::byte>& bytes) {
    const std::array mark{std::byte{0xff}, std::byte{0xc4}};
    return std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end()) - bytes.begin();
  };
  CHECK(HuffmanCheck()(whole) == FileState::sound);
  const auto with = [&](std::ptrdiff_t offset, unsigned value) {
    auto bytes = whole;
    bytes[static_cast<std::size_t>(first_table(whole) + offset)] = static_cast<std::byte>(value);
    return bytes;
  };
  CHECK(HuffmanCheck()(with(5, 255)) == FileState::damaged);    // 255 codes of one bit
  CHECK(HuffmanCheck()(with(4, 3)) == FileState::damaged);      // another number: the scan's table is not defined
  CHECK(HuffmanCheck()(with(2, 255)) == FileState::truncated);  // a length beyond the file
  CHECK(contains(error_of([&] { decode(with(5, 255)); }), "is a damaged JPEG image"));
}

TEST_CASE("A header that claims too much is refused before memory is taken", "[io][image]") {
  std::string tga(18, '\0');
  tga[2] = 2;
  tga[12] = tga[13] = tga[14] = tga[15] = '\xff';
  tga[16] = 24;
  CHECK(contains(error_of([&] { decode(tga); }), "65535x65535 pixels, which is too many"));
}

TEST_CASE("PNG is written so that it reads back equal", "[io][image]") {
  const TemporaryFolder folder;
  write_png(folder / "a.png", pattern());
  CHECK(read_image(folder / "a.png") == pattern());
  CHECK(folder.count() == 1);
  CHECK(contains(error_of([&] { write_png(folder / "missing" / "a.png", pattern()); }), "cannot be written"));
}
