// Six networks of a few channels, for tests of the trainer.
#pragma once

#include <ugatit/ugatit.hpp>

#include <memory>

template <class D>
ugatit::NetworkSet<D> small_networks(D& dev, const ugatit::Extent& extent) {
  using namespace ugatit;
  using Light = ModelNetwork<Generator<4, 2, StyleFrom::average>, D>;
  using Global = ModelNetwork<Discriminator<4, 4>, D>;
  using Local = ModelNetwork<Discriminator<4, 3>, D>;
  return {std::make_unique<Light>(dev, extent),  std::make_unique<Light>(dev, extent),
          std::make_unique<Global>(dev, extent), std::make_unique<Local>(dev, extent),
          std::make_unique<Global>(dev, extent), std::make_unique<Local>(dev, extent)};
}
