//! Drawing an image over the frame before.

use super::blocks::Header;
use super::images::Image;

/// Draws `image` at its offset on RGB `canvas`, cut off at its edges; transparent pixels leave what is beneath.
///
/// The error says what is wrong with the image.
pub(super) fn draw(image: &Image, canvas: &mut [u8], width: usize, height: usize) -> Result<(), String> {
    if image.palette.is_empty() {
        return Err("it has no palette".into());
    }
    let header = &image.header;
    let visible = header.width.min(width.saturating_sub(header.left));
    for (row, indices) in rows(header).zip(image.indices.chunks_exact(header.width)) {
        let y = header.top + row;
        if y >= height || visible == 0 {
            continue;
        }
        let line = &mut canvas[(y * width + header.left) * 3..][..visible * 3];
        for (&index, pixel) in indices.iter().zip(line.chunks_exact_mut(3)) {
            if header.transparent == Some(index) {
                continue;
            }
            let color = image.palette.get(usize::from(index) * 3..usize::from(index) * 3 + 3).ok_or_else(|| {
                format!("colour index {index} is outside its palette of {} colours", image.palette.len() / 3)
            })?;
            pixel.copy_from_slice(color);
        }
    }
    Ok(())
}

/// Where the image's rows belong, in the file's order.
fn rows(image: &Header) -> impl Iterator<Item = usize> + use<> {
    const INTERLACED: [(usize, usize); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];
    const PLAIN: [(usize, usize); 1] = [(0, 1)];
    let (height, passes) = (image.height, if image.interlaced { &INTERLACED[..] } else { &PLAIN[..] });
    passes.iter().flat_map(move |&(start, step)| (start..height).step_by(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header =
        Header { left: 0, top: 0, width: 1, height: 1, interlaced: false, delay: 0, transparent: None, code_size: 8 };

    fn image(indices: &[u8], width: usize) -> Image<'_> {
        Image {
            header: Header { width, height: indices.len() / width, ..HEADER },
            palette: &[0, 0, 0, 10, 11, 12, 20, 21, 22],
            indices,
        }
    }

    fn reds(image: &Image, width: usize, height: usize) -> Vec<u8> {
        let mut canvas = vec![99; width * height * 3];
        draw(image, &mut canvas, width, height).unwrap();
        canvas.chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn images_are_cut_off_at_the_edges() {
        let mut corner = image(&[1, 2, 2, 1], 2);
        (corner.header.left, corner.header.top) = (1, 1);
        assert_eq!(reds(&corner, 2, 2), [99, 99, 99, 10]);
        let mut outside = image(&[1, 2, 2, 1], 2);
        (outside.header.left, outside.header.top) = (7, 9);
        assert_eq!(reds(&outside, 2, 2), [99; 4]);
    }

    #[test]
    fn transparent_pixels_leave_what_is_beneath_even_outside_the_palette() {
        let mut image = image(&[1, 200, 2, 0], 4);
        image.header.transparent = Some(200);
        assert_eq!(reds(&image, 4, 1), [10, 99, 20, 0]);
    }

    #[test]
    fn an_index_outside_the_palette_is_an_error_where_it_would_be_seen() {
        let wrong = image(&[0, 3], 2);
        assert!(draw(&wrong, &mut [0; 6], 2, 1).unwrap_err().contains("index 3 is outside its palette of 3 colours"));
        assert_eq!(reds(&wrong, 1, 1), [0]);
    }

    #[test]
    fn an_image_without_a_palette_is_an_error_even_where_nothing_of_it_would_be_seen() {
        let mut hidden = Image { palette: &[], ..image(&[1, 1], 2) };
        hidden.header.transparent = Some(1);
        assert!(draw(&hidden, &mut [0; 6], 2, 1).unwrap_err().contains("no palette"));
    }

    #[test]
    fn interlaced_rows_go_where_they_belong() {
        for height in 1..=17 {
            let interlaced = Header { height, interlaced: true, ..HEADER };
            let mut places: Vec<_> = rows(&interlaced).collect();
            if height == 9 {
                assert_eq!(places, [0, 8, 4, 2, 6, 1, 3, 5, 7]);
            }
            places.sort_unstable();
            assert_eq!(places, (0..height).collect::<Vec<_>>());
        }
    }
}
