#!/bin/sh
# Makes of an uploaded video VIDEO one that every browser plays, with a picture and what is to be said of it:
#   video.sh /srv/sftp/alice/holiday.avi /srv/video/alice
# Exit code 65: it is no video. May run twice for the same upload, and then makes the same files again.
set -eu
video=$1
folder=$2
name=$(basename -- "$video")
name=${name%.*}

# What it is counts, not what it is called. "file:" keeps names such as "concat:a" from being more than names.
kind=$(ffprobe -v error -select_streams v:0 -show_entries stream=codec_type -of csv=p=0 "file:$video") || kind=
[ "$kind" = video ] || { echo "$video is no video" >&2; exit 65; }

mkdir -p -- "$folder"
work=$(mktemp -d -- "$folder/.work.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
ffmpeg -nostdin -v error -y -i "file:$video" -c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -movflags +faststart -metadata title="$name" "file:$work/video.mp4"
ffmpeg -nostdin -v error -y -i "file:$work/video.mp4" -frames:v 1 "file:$work/video.jpg"
ffprobe -v error -show_format -show_streams -of json "file:$work/video.mp4" > "$work/video.json"
for kind in json jpg mp4; do
    mv -f -- "$work/video.$kind" "$folder/$name.$kind"
done
