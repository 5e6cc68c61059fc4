import React, { useState } from 'react';

interface Props {
  name: string;
}

/** Shows a name. */
export function Hello({ name }: Props, extra?: number) {
  const [on, setOn] = useState(false);
  return (
    <div className="hello" onClick={() => setOn(!on)}>
      {on && <b>{name}</b>}
      {on ? 'on' : 'off'}
    </div>
  );
}

export const List: React.FC<Props> = (props) => <Hello {...props} />;

type Kind = 'a' | 'b';

export default List;
