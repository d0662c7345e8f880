# LAPIDARY_PORTABLE: `lap` as one stripped executable that needs nothing but the C library, so that it
# can be copied to a GPU server that has a driver and no more. Three steps, in the order they are called:
#
#   include(app/Portable.cmake)             before any package is looked for: archives come first
#   lapidary_link_llvm_statically()         LLVM, MLIR and LLD from their archives
#   lapidary_make_portable(lap)             static libstdc++, resources inside, stripped, checked
#
# Debian's MLIR and LLD archives name the shared libLLVM as what they depend on; two copies of LLVM in one
# process would be one too many, so that name is replaced by the archives of LLVM in each of them.

include(app/EmbedResources.cmake)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a ${CMAKE_FIND_LIBRARY_SUFFIXES})
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)

# The replacement for the shared MLIR and LLVM is left in lapidary_static_mlir.
function(lapidary_link_llvm_statically)
  # LLD in the process initialises every target there is.
  llvm_map_components_to_libnames(archives
    AllTargetsCodeGens AllTargetsAsmParsers AllTargetsDescs AllTargetsDisassemblers AllTargetsInfos
    orcjit passes lto dtlto)
  add_library(lapidary_static_llvm INTERFACE)
  target_link_libraries(lapidary_static_llvm INTERFACE ${archives})

  get_property(imported DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTY IMPORTED_TARGETS)
  foreach(target ${imported})
    if(target MATCHES "^(MLIR|mlir|lld|LLVM)")
      get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
      if(libraries)
        list(REMOVE_ITEM libraries MLIR)
        # The name stands alone or in a generator expression.
        list(TRANSFORM libraries REPLACE "(^|:)LLVM(>?)$" "\\1lapidary_static_llvm\\2")
        set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries}")
      endif()
    endif()
  endforeach()

  # All archives of MLIR: the linker takes from them what is used.
  add_library(lapidary_static_mlir INTERFACE)
  get_property(everything GLOBAL PROPERTY MLIR_ALL_LIBS)
  list(FILTER everything EXCLUDE REGEX "CAPI|Test")
  foreach(library ${everything})
    get_target_property(type ${library} TYPE)
    if(type STREQUAL STATIC_LIBRARY)
      target_link_libraries(lapidary_static_mlir INTERFACE ${library})
    endif()
  endforeach()
  target_link_libraries(lapidary_static_mlir INTERFACE lapidary_static_llvm)

  # What Debian's LLVM calls the shared zstd is its archive here.
  if(NOT TARGET zstd::libzstd_shared)
    add_library(zstd::libzstd_shared STATIC IMPORTED)
    set_target_properties(zstd::libzstd_shared PROPERTIES IMPORTED_LOCATION ${zstd_LIBRARY})
  endif()
endfunction()

# {fmt} has no archive in Debian: its headers hold all of it, and --as-needed drops the shared library.
function(lapidary_use_header_only_fmt)
  set_target_properties(fmt::fmt PROPERTIES INTERFACE_COMPILE_DEFINITIONS FMT_HEADER_ONLY=1)
endfunction()

function(lapidary_make_portable NAME)
  lapidary_embed_resources(${NAME})
  target_sources(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/app/Portable.cpp)
  target_link_options(${NAME} PRIVATE -static-libstdc++ -static-libgcc -s
                                      -Wl,--gc-sections -Wl,--as-needed)
  add_custom_command(TARGET ${NAME} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${NAME}> -P ${CMAKE_SOURCE_DIR}/app/CheckPortable.cmake)
endfunction()
