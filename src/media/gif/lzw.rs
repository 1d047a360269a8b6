//! The pixels of an image out of its data.
//!
//! Sound data mean the same to every decoder. Damaged ones don't: giflib, and so TensorFlow, draws some codes that no
//! table has yet, and this decoder does as giflib does (`DGifDecompressLine` of its version 5.2).

use std::io::BufRead;

use super::blocks::{Blocks, End, Stop};

const BITS: u32 = 12;
const LARGEST_CODE: u16 = (1 << BITS) - 1;
/// Stands where the table has nothing; larger than every code.
const NONE: u16 = LARGEST_CODE + 3;
const DAMAGED: Stop = Stop::End(End::Damaged("its pixels are coded in no valid way"));

/// A decoder, for one image after the other.
pub(super) struct Lzw {
    /// Of each code, the code that it goes on from.
    prefix: [u16; 1 << BITS],
    /// Of each code, the pixel that it adds.
    suffix: [u8; 1 << BITS],
    /// Pixels of a code, the last one first, that had no room yet.
    stack: [u8; 1 << BITS],
    stacked: usize,
    clear: u16,
    /// Two more than the code that the table takes next.
    running: u16,
    code_bits: u32,
    /// The first number too large for a code of so many bits.
    limit: u16,
    last: u16,
    bits: u32,
    bits_held: u32,
    part: [u8; 255],
    part_at: usize,
    part_len: usize,
}

impl Lzw {
    /// A decoder that [`begin`](Self::begin)s with an image.
    pub fn new() -> Box<Self> {
        Box::new(Self {
            prefix: [NONE; 1 << BITS],
            suffix: [0; 1 << BITS],
            stack: [0; 1 << BITS],
            stacked: 0,
            clear: 0,
            running: 0,
            code_bits: 0,
            limit: 0,
            last: NONE,
            bits: 0,
            bits_held: 0,
            part: [0; 255],
            part_at: 0,
            part_len: 0,
        })
    }

    /// Begins with an image whose pixels have so many bits, at most 8.
    pub fn begin(&mut self, code_size: u8) {
        self.clear = 1 << code_size;
        (self.stacked, self.bits, self.bits_held) = (0, 0, 0);
        (self.part_at, self.part_len) = (0, 0);
        self.reset();
    }

    /// Fills `pixels` with the image's next ones.
    pub fn read(&mut self, blocks: &mut Blocks<impl BufRead>, pixels: &mut [u8]) -> Result<(), Stop> {
        let mut at = self.unstack(pixels);
        while at < pixels.len() {
            let code = self.next_code(blocks)?;
            if code == self.clear {
                self.reset();
                continue;
            }
            if code == self.clear + 1 {
                return Err(Stop::End(End::Cut)); // the data say that they end
            }
            if code < self.clear {
                pixels[at] = code as u8;
                at += 1;
            } else {
                self.stack(code)?;
                at += self.unstack(&mut pixels[at..]);
            }
            self.learn(code);
            self.last = code;
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.prefix.fill(NONE);
        self.running = self.clear + 2;
        self.code_bits = self.clear.trailing_zeros() + 1;
        self.limit = 1 << self.code_bits;
        self.last = NONE;
    }

    fn next_code(&mut self, blocks: &mut Blocks<impl BufRead>) -> Result<u16, Stop> {
        while self.bits_held < self.code_bits {
            if self.part_at == self.part_len {
                self.part_len = blocks.sub_block(&mut self.part)?;
                self.part_at = 0;
                if self.part_len == 0 {
                    return Err(Stop::End(End::Cut)); // the data end before the pixels do
                }
            }
            self.bits |= u32::from(self.part[self.part_at]) << self.bits_held;
            self.bits_held += 8;
            self.part_at += 1;
        }
        let code = self.bits & ((1 << self.code_bits) - 1);
        self.bits >>= self.code_bits;
        self.bits_held -= self.code_bits;
        if self.running < LARGEST_CODE + 2 {
            self.running += 1;
            if self.running > self.limit && self.code_bits < BITS {
                self.limit <<= 1;
                self.code_bits += 1;
            }
        }
        Ok(code as u16)
    }

    /// Puts the pixels of a code that is none itself on the stack.
    fn stack(&mut self, code: u16) -> Result<(), Stop> {
        let mut from = code;
        if self.prefix[usize::from(code)] == NONE {
            // The code that the table takes next is the last one and its own first pixel. Any other is no code at all.
            let next = self.running - 2;
            let pixel = self.first_pixel(if code == next { self.last } else { code });
            self.suffix[usize::from(next)] = pixel;
            self.push(pixel);
            from = self.last;
        }
        while self.stacked < usize::from(LARGEST_CODE) && from > self.clear && from <= LARGEST_CODE {
            self.push(self.suffix[usize::from(from)]);
            from = self.prefix[usize::from(from)];
        }
        if self.stacked >= usize::from(LARGEST_CODE) || from > LARGEST_CODE {
            return Err(DAMAGED);
        }
        self.push(from as u8);
        Ok(())
    }

    fn push(&mut self, pixel: u8) {
        self.stack[self.stacked] = pixel;
        self.stacked += 1;
    }

    /// Moves what is stacked into `pixels`, as far as there is room: how much it was.
    fn unstack(&mut self, pixels: &mut [u8]) -> usize {
        let count = self.stacked.min(pixels.len());
        let rest = self.stacked - count;
        for (pixel, stacked) in pixels.iter_mut().zip(self.stack[rest..self.stacked].iter().rev()) {
            *pixel = *stacked;
        }
        self.stacked = rest;
        count
    }

    /// The table takes the last code and the first pixel of this one.
    fn learn(&mut self, code: u16) {
        let next = self.running - 2;
        if self.last == NONE || self.prefix[usize::from(next)] != NONE {
            return;
        }
        self.prefix[usize::from(next)] = self.last;
        self.suffix[usize::from(next)] = self.first_pixel(if code == next { self.last } else { code });
    }

    /// The first pixel of `code`; something else where it has none, as giflib has it.
    fn first_pixel(&self, mut code: u16) -> u8 {
        let mut steps = 0;
        while code > self.clear && steps <= LARGEST_CODE {
            if code > LARGEST_CODE {
                return NONE as u8;
            }
            code = self.prefix[usize::from(code)];
            steps += 1;
        }
        code as u8
    }
}
