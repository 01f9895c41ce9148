// Reading protocol buffers field by field (protobuf_writer.hpp says how they are stored), without believing any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace ugatit {

/// A varint at the beginning of `bytes`, which then begin behind it; nothing where there is none.
inline std::optional<std::uint64_t> take_varint(std::span<const std::byte>& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(bytes.front());
    bytes = bytes.subspan(1);
    value |= (byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// One field of a message.
struct ProtobufField {
  std::uint64_t number = 0;          ///< which field it is
  std::uint64_t value = 0;           ///< of a varint or a number of fixed size
  std::span<const std::byte> bytes;  ///< of a text or a message
};

/// Calls f(field) for each field of a message. False where the message is damaged.
template <class F>
bool each_field(std::span<const std::byte> message, const F& f) {
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag) return false;
    ProtobufField field;
    field.number = *tag >> 3U;
    const auto stored = static_cast<unsigned>(*tag & 7U);
    if (stored == 0) {
      const auto value = take_varint(message);
      if (!value) return false;
      field.value = *value;
    } else if (stored == 2) {
      const auto length = take_varint(message);
      if (!length || *length > message.size()) return false;
      field.bytes = message.first(static_cast<std::size_t>(*length));
      message = message.subspan(field.bytes.size());
    } else if (stored == 1 || stored == 5) {
      const std::size_t size = stored == 1 ? 8 : 4;
      if (size > message.size()) return false;
      std::memcpy(&field.value, message.data(), size);
      message = message.subspan(size);
    } else {
      return false;
    }
    f(field);
  }
  return true;
}

}  // namespace ugatit
