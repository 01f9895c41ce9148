// Networks by description: from the values on a command line to the types of the library.
//
// Channels, blocks and presets are types, so a program is built for a set of them. This library of the programs is
// compiled once for each width (the CMake list UGATIT_CHANNELS), preset (UGATIT_PRESETS) and scalar; the functions here
// choose among them at run time.
#pragma once

#include <ugatit/models/description.hpp>
#include <ugatit/train/trainer.hpp>
#include <ugatit/ugatit.hpp>

#include <memory>

namespace ugatit::examples {

/// A generator for images of that extent. Throws `Error` for a width, preset or number of blocks that the program is
/// not built for (the message says how to), and for sizes that the model cannot take.
template <class D>
std::unique_ptr<Network<D, 3>> make_generator(D& dev, const ModelDescription& model, const Extent& image);

/// A discriminator of that many layers (`global_layers` or `local_layers` of the description). Throws `Error` likewise.
template <class D>
std::unique_ptr<Network<D, 1>> make_discriminator(D& dev, const ModelDescription& model, Index layers);

/// All six networks of a training.
template <class D>
NetworkSet<D> make_networks(D& dev, const ModelDescription& model);

/// "8, 16, 32, 64": the widths that the programs are built for.
std::string built_channels();

/// The networks of one width and preset; defined in width.hpp, which only their sources include.
template <Index Ch, class P, class D>
struct Width {
  static std::unique_ptr<Network<D, 3>> generator(D& dev, const ModelDescription& model, const Extent& image);
  static std::unique_ptr<Network<D, 1>> discriminator(D& dev, Index layers, const Extent& image);
};

}  // namespace ugatit::examples
