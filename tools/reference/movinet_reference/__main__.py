"""`movinet-reference record CLIP --base DIR --stream DIR -o REF.npz`; either model may be left out."""

import argparse
import os

RULES = ("tutorial", "model", "kinetics", "fit", "letterbox", "centre")


def main():
    parser = argparse.ArgumentParser(prog="movinet-reference", description="What Python TensorFlow gives for a clip.")
    commands = parser.add_subparsers(required=True)
    record = commands.add_parser("record", help="run the models on a clip and write their logits")
    record.add_argument("clip", metavar="CLIP", help="a GIF, a video, a folder of pictures, .npy, or .npz with `video`")
    record.add_argument("--base", metavar="DIR", help="SavedModel folder of the base model")
    record.add_argument("--stream", metavar="DIR", help="SavedModel folder of the stream model")
    record.add_argument("--size", type=int, default=172, metavar="PIXELS", help="height and width [default: 172]")
    record.add_argument("--sampling", choices=RULES, default="tutorial", metavar="RULE",
                        help=f"which frames, cut how: {', '.join(RULES)} [default: tutorial]")
    record.add_argument("--fps", type=float, metavar="N", help="frames a second, by the times at which they are shown")
    record.add_argument("--from", dest="begin", type=float, metavar="SECONDS", help="leave out what is shown before")
    record.add_argument("--to", dest="end", type=float, metavar="SECONDS", help="leave out what is shown from then on")
    record.add_argument("--views", type=int, metavar="N", help="kinetics: views of the clip [default: 1]")
    record.add_argument("--take", type=int, metavar="N", help="kinetics, letterbox: frames that the model sees")
    record.add_argument("--step", type=int, metavar="N", help="kinetics, letterbox: how far they are apart")
    record.add_argument("--start", type=int, metavar="N", help="letterbox: the first of them [default: 0]")
    record.add_argument("-o", "--output", required=True, metavar="REF.npz")
    args = parser.parse_args()
    if not (args.base or args.stream):
        parser.error("give --base, --stream, or both")
    own = {"kinetics": ("views", "take", "step"), "letterbox": ("take", "step", "start")}.get(args.sampling, ())
    options = {}
    for name, key in (("views", "views"), ("take", "count"), ("step", "stride"), ("start", "start")):
        value = getattr(args, name)
        if value is not None and name not in own:
            parser.error(f"--{name} is nothing to the rule '{args.sampling}'")
        if value is not None and value < (name != "start"):
            parser.error(f"--{name} {value} makes no sense")
        if value is not None:
            options[key] = value
    if args.fps is not None and not args.fps > 0:
        parser.error("--fps takes a number above 0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    import movinet_reference  # TensorFlow takes seconds to import: not before the arguments are known to be right

    movinet_reference.record(args.clip, args.base, args.stream, args.size, args.output, sampling=args.sampling,
                             fps=args.fps, begin=args.begin, end=args.end, **options)


if __name__ == "__main__":
    main()
