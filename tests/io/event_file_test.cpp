// TensorBoard's event files, against bytes that its own library writes. tests/reference/check_events.py gives whole
// files to TensorBoard's loader.
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/io/event_file.hpp>

using namespace ugatit;

namespace {

std::string hexadecimal(const std::string& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte / 16U], digits[byte % 16U]};
  }
  return text;
}

/// The records of a file, whose lengths and checksums are compared.
std::vector<std::string> records_of(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  std::string rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<std::string> records;
  while (!rest.empty()) {
    REQUIRE(rest.size() >= 16);
    std::uint64_t length = 0;
    std::memcpy(&length, rest.data(), sizeof length);
    REQUIRE(length <= rest.size() - 16);
    records.push_back(rest.substr(12, length));
    REQUIRE(rest.starts_with(event_record(records.back())));
    rest = rest.substr(length + 16);
  }
  return records;
}

/// An event without its first field, the time.
std::string timeless(const std::string& record) {
  REQUIRE(record.size() > 9);
  CHECK(record[0] == '\x09');
  return hexadecimal(record.substr(9));
}

}  // namespace

TEST_CASE("Records have their length, and masked CRC-32Cs of it and of themselves", "[events]") {
  CHECK(hexadecimal(event_record("ugatit") + event_record("")) ==
        "06000000000000007369d53775676174697436132987000000000000000029039807d8ea82a2");
}

TEST_CASE("Events are those of TensorBoard's protocol buffers", "[events]") {
  const TemporaryFolder folder;
  {
    EventFile file(folder / "events", 5);
    file.scalar("a", 0.5, 7);
    file.histogram("h", {{.5, 1}, {1, 2}, .1, .9, 1.5, 1.0}, 7);
    file.image("i", 2, 1, "PNG", 7);
  }
  const std::vector<std::string> records = records_of(folder / "events");
  REQUIRE(records.size() == 5);
  CHECK(timeless(records[0]) == "10001a0d627261696e2e4576656e743a32");
  CHECK(timeless(records[1]) == "10053a020801");
  CHECK(timeless(records[2]) == "10072a0a0a080a0161150000003f");
  CHECK(
      timeless(records[3]) ==
      "10072a580a560a01682a51099a9999999999b93f11cdccccccccccec3f19000000000000084021000000000000f83f29000000000000f03f"
      "3210000000000000e03f000000000000f03f3a10000000000000f03f0000000000000040");
  CHECK(timeless(records[4]) == "10072a120a100a0169220b0801100218032203504e47");
}

TEST_CASE("Numbers go into equal parts of [0, 1], edges to the lower one", "[events]") {
  const std::vector<double> numbers{0, 0.25, 0.26, 1};
  const EventHistogram h = unit_histogram(numbers, 4);
  CHECK(h.limits == std::vector<double>{0.25, 0.5, 0.75, 1});
  CHECK(h.counts == std::vector<double>{2, 1, 0, 1});
  CHECK(h.least == 0);
  CHECK(h.greatest == 1);
  CHECK(h.sum == 1.51);
  CHECK(h.sum_of_squares == Approx(0.0625 + 0.0676 + 1));
  CHECK(unit_histogram({}, 2).counts == std::vector<double>{0, 0});
}

TEST_CASE("A file of events that cannot be made is named", "[events]") {
  CHECK(contains(error_of([] { EventFile("/proc/none/events", 0); }), "/proc/none/events cannot be written to"));
}
