#!/usr/bin/env bash
# Makes video files of the kinds that people have, from drawn pictures: make_videos.sh FOLDER [FFMPEG]
# FOLDER/videos.txt says of each what becomes of it, in columns:
#   name       with what is no plain letter as %XX
#   outcome    frames; warns: frames and a warning; or the kind of error
#   frames     how many come; - for errors
#   reference  what reads it too: mediapy, or plain where mediapy cannot (then a plain ffmpeg command); - where neither can
#              or it is an error; gif for one
#   words      what the warning or the error says, as far as it is the program's own
#   what       it is
# What an ffmpeg has no encoder for is left out.
set -euo pipefail
folder=${1:?which folder?}
ffmpeg=${2:-ffmpeg}
mkdir -p "$folder"
cd "$folder"
encoders=$("$ffmpeg" -hide_banner -encoders 2>/dev/null)
: >videos.txt

has() { grep -q " $1 " <<<"$encoders"; }

make() { # ffmpeg's arguments; the file comes last
  local out=${!#}
  "$ffmpeg" -nostdin -y -v error "${@:1:$#-1}" "file:$out"
}

row() { # name with %XX, outcome, frames, reference, words, what
  local IFS=$'\t'
  [ ! -e "$(plain "$1")" ] || echo "$*" >>videos.txt
}

plain() { # a name without %XX
  local escaped=${1//\\/\\\\}
  printf %b "${escaped//\%/\\x}"
}

drawn() { # size, frames a second, seconds: an input
  echo "-f lavfi -i testsrc2=size=$1:rate=$2:duration=$3"
}

offset() { # file, word: where the word's last place is
  LC_ALL=C grep -obUaF "$2" "$1" | tail -n 1 | cut -d: -f1
}

patch() { # file, place, bytes as printf takes them
  printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

half() { # file, new file: its first half
  head -c $(($(wc -c <"$1") / 2)) "$1" >"$2"
}

x264=(-c:v libx264 -preset ultrafast -pix_fmt yuv420p)
tone=(-f lavfi -i sine=frequency=440:duration=1)

# -- containers and encodings
make $(drawn 96x64 10 1.5) "${x264[@]}" -movflags +faststart plain.mp4
row plain.mp4 frames 15 mediapy - 'H.264, the index in front'
make $(drawn 96x64 24000/1001 1) -c:v libx264 -preset medium -pix_fmt yuv420p b-frames.mkv
row b-frames.mkv frames 24 mediapy - 'B frames, 23.976 a second'
make $(drawn 96x64 10 1) -c:v mjpeg -pix_fmt yuvj420p mjpeg.avi
row mjpeg.avi frames 10 mediapy - 'MJPEG in AVI, as cameras write it'
make $(drawn 96x64 25 1) -c:v mpeg2video -flags +ildct+ilme interlaced.mpg
row interlaced.mpg frames 25 mediapy - 'interlaced MPEG-2; fields are not taken apart'
make $(drawn 96x64 10 1) -c:v mpeg4 -bf 2 mpeg4.avi
row mpeg4.avi frames 10 mediapy - 'MPEG-4 part 2 with B frames in AVI'
make $(drawn 96x64 10 1) -c:v flv1 flash.flv
row flash.flv frames 10 mediapy - 'Flash video'
make $(drawn 96x64 10 1) -c:v prores_ks -pix_fmt yuv422p10le prores.mov
row prores.mov frames 10 mediapy - 'ProRes in QuickTime, 4:2:2, 10 bit'
make $(drawn 96x64 10 1) -c:v wmv2 windows.wmv
row windows.wmv frames 10 mediapy - 'Windows Media'
make $(drawn 96x64 10 0.1) "${x264[@]}" still.mp4
row still.mp4 frames 1 mediapy - 'a video of one frame'
make $(drawn 96x64 10 0.1) picture.jpg
row picture.jpg frames 1 mediapy - 'a picture: a clip of one frame'
cp picture.jpg 'picture-%03d.jpg'
row 'picture-%2503d.jpg' frames 1 - - 'a picture whose name looks like a pattern of many'
make $(drawn 3840x2160 10 0.1) -c:v mjpeg -q:v 20 4k.mp4
row 4k.mp4 frames 1 mediapy - 'one frame of 3840x2160'
make $(drawn 2x2 10 0.5) "${x264[@]}" tiny.mp4
row tiny.mp4 frames 5 mediapy - '2x2 pixels'

# -- turned and mirrored: the matrix of the track's header
turned() { # name, a b c d of the matrix as bytes each
  cp plain.mp4 "$1"
  local at=$(($(offset "$1" tkhd) + 44)) one number=0
  for one in "$2" "$3" 0 "$4" "$5"; do
    case $one in
      1) one='\0\1\0\0' ;; -1) one='\377\377\0\0' ;; 0) one='\0\0\0\0' ;;
    esac
    patch "$1" $((at + 4 * number)) "$one"
    number=$((number + 1))
  done
  row "$1" frames 15 mediapy - "$6"
}
turned turned-90.mp4 0 1 -1 0 'turned by 90 degrees, as phones hold it upright'
turned turned-180.mp4 -1 0 0 -1 'turned by 180 degrees'
turned turned-270.mp4 0 -1 1 0 'turned by 270 degrees'
turned mirrored.mp4 -1 0 0 1 'mirrored left and right'
turned upside-down.mp4 1 0 0 -1 'mirrored up and down'
turned mirrored-90.mp4 0 1 1 0 'mirrored and turned'

# -- times
make $(drawn 96x64 30 2) -vf 'select=lt(t\,1)+not(mod(n\,6))' "${x264[@]}" variable.mkv
row variable.mkv frames 35 mediapy - '30 frames a second, then 5'
make -i variable.mkv -c copy variable.mp4
row variable.mp4 frames 35 mediapy - 'the same in MP4'
make $(drawn 96x64 10 1.5) "${x264[@]}" -g 50 -bf 2 long-group.mp4
make -ss 0.5 -i long-group.mp4 -c copy edit-list.mp4
row edit-list.mp4 frames 10 mediapy - 'begins at 0.5 s by an edit list'
make $(drawn 96x64 10 1) "${x264[@]}" raw.h264
row raw.h264 frames 10 mediapy - 'bare H.264: no container, no times'
make $(drawn 96x64 10 1) -c:v mjpeg -f mjpeg raw.mjpeg
row raw.mjpeg frames 10 mediapy - 'bare MJPEG'
make $(drawn 96x64 10 1) "${x264[@]}" -output_ts_offset 100 late.ts
row late.ts frames 10 mediapy - 'a transport stream that begins at 100 s'
make "${tone[@]}" -itsoffset 0.4 $(drawn 96x64 10 1) -map 0:a -map 1:v "${x264[@]}" -c:a mp2 sound-first.ts
row sound-first.ts frames 10 mediapy - 'sound first, pictures from 0.4 s on'
make "${tone[@]}" -itsoffset 0.4 -i variable.mkv -map 0:a -map 1:v -c:v copy -c:a aac sound-first.mp4
row sound-first.mp4 frames 35 mediapy - 'the same in MP4'
if has libvpx-vp9; then
  vp9=(-c:v libvpx-vp9 -deadline realtime -cpu-used 8)
  "$ffmpeg" -nostdin -v error $(drawn 96x64 10 1) "${vp9[@]}" -f webm -live 1 pipe:1 >live.webm
  row live.webm frames 10 mediapy - 'WebM as browsers record it: no duration, no index'
  make $(drawn 96x64 10 1) -vf format=yuva420p,fade=out:0:10:alpha=1 "${vp9[@]}" alpha.webm
  row alpha.webm frames 10 mediapy - 'VP9 with transparency, which is left out'
  make $(drawn 101x57 10 1) "${vp9[@]}" -pix_fmt yuv420p odd-size.webm
  row odd-size.webm frames 10 mediapy - '101x57 pixels, colours of every second one'
fi
# -- colours and pixels
make $(drawn 101x57 10 1) -c:v libx264 -preset ultrafast -pix_fmt yuv444p odd-size.mp4
row odd-size.mp4 frames 10 mediapy - '101x57 pixels'
make $(drawn 96x64 10 1) -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le ten-bit.mp4
row ten-bit.mp4 frames 10 mediapy - '10 bit'
make $(drawn 96x64 10 1) -vf scale=out_range=full -c:v libx264 -preset ultrafast -pix_fmt yuvj420p full-range.mp4
row full-range.mp4 frames 10 mediapy - 'brightness from 0 to 255'
make $(drawn 96x64 10 1) "${x264[@]}" -colorspace bt709 -color_primaries bt709 -color_trc bt709 bt709.mp4
row bt709.mp4 frames 10 mediapy - 'the colours of high definition'
make $(drawn 96x64 10 1) -pix_fmt gray -c:v ffv1 grey.mkv
row grey.mkv frames 10 mediapy - 'grey alone'
make $(drawn 96x64 10 1) -pix_fmt rgb24 -c:v png png.mov
row png.mov frames 10 mediapy - 'RGB without loss'
make $(drawn 72x58 25 0.4) -vf setsar=64/45 "${x264[@]}" wide-pixels.mp4
row wide-pixels.mp4 warns 10 mediapy 'has pixels that are 1.422 times as wide as high' 'pixels that are not square'
make $(drawn 720x576 25 0.12) -vf setsar=64/45 -c:v mpeg2video wide-pixels.mpg
row wide-pixels.mpg warns 3 mediapy 'has pixels that are 1.422 times as wide as high' 'the same, as television sends it'
if has libx265; then
  make $(drawn 96x64 10 1) -c:v libx265 -preset ultrafast -x265-params log-level=error -pix_fmt yuv420p10le -tag:v hvc1 \
    -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 hdr.mp4
  row hdr.mp4 frames 10 mediapy - 'HDR: HEVC, 10 bit, BT.2020, PQ; its tones are not mapped'
fi
if has libaom-av1; then
  make $(drawn 96x64 10 0.5) -c:v libaom-av1 -cpu-used 8 -usage realtime -pix_fmt yuv420p av1.mp4
  row av1.mp4 frames 5 mediapy - 'AV1'
fi
# -- streams
make $(drawn 96x64 10 1) "${x264[@]}" small.ts
make $(drawn 128x96 10 1) "${x264[@]}" -output_ts_offset 1 large.ts
cat small.ts large.ts >two-sizes.ts
row two-sizes.ts frames 20 mediapy - 'another size from the middle on: brought to the first one'
make $(drawn 96x64 10 1) $(drawn 64x48 10 1) -map 0 -map 1 "${x264[@]}" two-videos.mp4
row two-videos.mp4 frames 10 plain - 'two videos: the first is taken'
make "${tone[@]}" -c:a aac sound.m4a
row sound.m4a not_video - - 'it has no video stream' 'sound alone'
make "${tone[@]}" sound.wav
cp sound.wav sound.mp4
row sound.mp4 not_video - - 'it has no video stream' 'a sound named .mp4'
make -i sound.m4a -i picture.jpg -map 0 -map 1 -c copy -disposition:v attached_pic cover.m4a
row cover.m4a not_video - - 'it has no video stream' 'sound with a cover picture'
if has libmp3lame; then
  make "${tone[@]}" -i picture.jpg -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic cover.mp3
  row cover.mp3 not_video - - 'it has no video stream' 'the same as MP3'
fi
make -i long-group.mp4 -i picture.jpg -map 0 -map 1 -c copy -disposition:v:1 attached_pic cover-last.mp4
row cover-last.mp4 frames 15 plain - 'a video with a cover picture'
# Its box of tags, which has the picture, goes before the track.
track=$(($(offset cover-last.mp4 mvhd) + 104)) tags=$(($(offset cover-last.mp4 udta) - 4))
{
  head -c $track cover-last.mp4
  tail -c +$((tags + 1)) cover-last.mp4
  head -c $tags cover-last.mp4 | tail -c +$((track + 1))
} >cover-first.mp4
row cover-first.mp4 frames 15 plain - 'a cover picture, then the video'
printf '1\n00:00:00,000 --> 00:00:01,000\nwords\n' >words.srt
make -i words.srt $(drawn 96x64 10 1) "${tone[@]}" -map 0 -map 2 -map 1 "${x264[@]}" -c:a aac -c:s srt words-first.mkv
row words-first.mkv frames 10 mediapy - 'subtitles and sound before the video'

# -- damaged, and no videos
: >empty.mp4
row empty.mp4 empty - - 'is empty' '0 bytes'
{ echo '<!DOCTYPE html><html><title>404</title>' && printf '<p>not found</p>%.0s\n' {1..530}; } >page.mp4
row page.mp4 not_video - - 'it is a web page' '9 KB of HTML'
printf 'no video at all%.0s\n' {1..600} >text.mp4
row text.mp4 not_video - - 'ffmpeg knows no such format' 'text'
head -c 9000 /dev/zero >zeros.mp4
row zeros.mp4 not_video - - 'ffmpeg knows no such format' 'nothing but zeros'
head -c 3000 plain.mp4 | tail -c 100 >rest.mp4
row rest.mp4 not_video - - 'ffmpeg knows no such format' '100 bytes out of the middle of a video'
half plain.mp4 cut-front.mp4
row cut-front.mp4 warns - mediapy 'is cut short' 'cut at half, the index in front'
half long-group.mp4 cut-end.mp4
row cut-end.mp4 cut_short - - 'not one frame can be read' 'cut at half, the index at the end'
head -c 20 plain.mp4 >cut-begin.mp4
row cut-begin.mp4 cut_short - - 'not one frame can be read' 'cut after 20 bytes'
half b-frames.mkv cut.mkv
row cut.mkv warns - mediapy 'is cut short' 'Matroska, cut at half'
half small.ts cut.ts
row cut.ts warns - mediapy 'cut.ts' 'a transport stream, cut at half'
half mpeg4.avi cut.avi
row cut.avi warns - mediapy 'cut.avi' 'AVI, cut at half, MPEG-4'
cp plain.mp4 damaged.mp4
dd if=/dev/zero of=damaged.mp4 bs=1 seek=$(($(wc -c <plain.mp4) * 2 / 3)) count=900 conv=notrunc status=none
row damaged.mp4 warns - mediapy 'is damaged' '900 bytes in the middle are zeros'
cp plain.mp4 unknown-codec.mp4
patch unknown-codec.mp4 "$(offset plain.mp4 avc1)" zzz9
row unknown-codec.mp4 no_decoder - - 'no decoder for' 'an encoding that nobody knows'
make $(drawn 96x64 10 1) gif.gif
mv gif.gif gif.mp4
row gif.mp4 frames 10 gif - 'a GIF named .mp4'
cp plain.mp4 video.gif
row video.gif frames 15 mediapy - 'an MP4 named .gif'

# -- names
for name in 'with%20two%20%20spaces' 'new%0aline' 'film-%f0%9f%8e%ac' 'it%27s%20%22quoted%22' '%2503d' '-y' 'http:colon' \
  'concat:a%7cb' 'back%5cslash' 'no-utf8-%ff%fe' '%2a%3f%5b%5d' 'a%20%23hash,%20key=value;'; do
  cp plain.mp4 "./$(plain "$name.mp4")"
  row "$name.mp4" frames 15 mediapy - 'an odd name'
done
