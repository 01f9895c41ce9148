// What is measured on images: distances of pairs, and of sets by the features of a network. Needs the packages of io.
#pragma once

#include <ugatit/metrics/frechet_distance.hpp>
#include <ugatit/metrics/inception.hpp>
#include <ugatit/metrics/kernel_distance.hpp>
#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>
