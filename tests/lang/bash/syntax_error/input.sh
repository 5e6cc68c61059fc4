# note

twice() {
  if [ $1 ]; then
    echo 2
  fi
}
if then ((
